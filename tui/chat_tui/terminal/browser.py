"""Opening links, where there is a browser to open them in."""

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
    """Open `address` and say whether that was possible. May wait for the browser to start.

    Only what `weblinks` takes for a link is opened. On a computer that is
    reached by ssh the browser would open where nobody sits.
    """
    where = target(address)
    if where is None or not _has_screen(environment, platform):
        return False
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    name = getattr(browser, "name", "")  # those of Windows and macOS have none, and windows
    if PurePath(name).name in _IN_THE_TERMINAL:
        return False
    return browser.open(where.url)


def _has_screen(environment: Mapping[str, str], platform: str) -> bool:
    """Say whether there is a screen to open a browser on, or somebody who said which to use."""
    if environment.get("BROWSER"):
        return True
    if environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"):
        return False
    if platform in ("darwin", "win32"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))
