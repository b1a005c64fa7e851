"""Opens links in a browser, where there is one."""

import webbrowser
from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

from chat_tui.markup.links import target

# They would draw over the chat.
_IN_THE_TERMINAL: Final = frozenset(
    ("www-browser", "links", "elinks", "lynx", "w3m", "browsh", "carbonyl")
)


def open_link(address: str, environment: Mapping[str, str], platform: str) -> bool:
    """Open `address`; return whether that was possible. May wait for the browser to start.

    Only what `markup.links` accepts as a link is opened. Over ssh the browser would open on
    a screen that the user does not see.
    """
    where = target(address)
    if where is None or not (environment.get("BROWSER") or has_screen(environment, platform)):
        return False
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    name = getattr(browser, "name", "")  # those of Windows and macOS have no name, but windows
    if PurePath(name).name in _IN_THE_TERMINAL:
        return False
    return browser.open(where.url)


def has_screen(environment: Mapping[str, str], platform: str) -> bool:
    """Return whether a window that is opened here is one that the user sees."""
    if environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"):
        return False
    if platform in ("darwin", "win32"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))
