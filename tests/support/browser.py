"""A real Chromium, and people who use the chat in it."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from chat_tui.model.address import Address
from support.people import PASSWORD, sign_up, start_server
from support.proxy import Cable, cable
from support.terminal import Desk, Terminal, desk

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser")

# Seconds that anything may take on a busy machine.
_PATIENCE: Final = 30.0

PHONE: Final[dict[str, Any]] = {
    "viewport": {"width": 390, "height": 780},
    "is_mobile": True,
    "has_touch": True,
    "device_scale_factor": 2,
}

READY: Final = "listening on https://"

_ROWS: Final = "[...document.querySelectorAll('.xterm-rows > div')].map(row => row.textContent)"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a Chromium without a window; skip the test where none is installed."""
    if CHROMIUM is None:
        pytest.skip("no chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        # Without its sandbox, which does not work for root nor in most containers: it shows our
        # own pages only.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


class Tab:
    """A tab in a browser of its own. What goes wrong in its page is kept."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        options = {"color_scheme": "dark", **options}
        self.context = browser.new_context(ignore_https_errors=True, **options)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page: Page = self.context.new_page()
        self.address = address
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda message: self._note(message.type, message.text))

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.problems.append(text)

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + _PATIENCE
        while not condition():
            assert time.monotonic() < end, f"no {what}:\n{self.screen}\n{self.problems}"
            self.page.wait_for_timeout(20)

    @property
    def violations(self) -> list[str]:
        """What the rules of accessibility have to say about the page."""
        return [
            f"{found['id']}: {node['html']}"
            for found in Axe().run(self.page)["violations"]
            for node in found["nodes"]
        ]

    # --- the page with the terminal

    @property
    def screen(self) -> str:
        return "\n".join(self.page.evaluate(_ROWS))

    def wait_for(self, text: str) -> None:
        self.wait_until(lambda: text in self.screen, repr(text))

    def enter(self, line: str) -> None:
        self.page.keyboard.type(line)
        self.page.keyboard.press("Enter")

    def register(self, name: str) -> None:
        self.page.goto(self.address)
        self.wait_for("Password")
        self.enter(name)
        self.enter(PASSWORD)
        self.wait_for("Repeat the password")
        self.enter(PASSWORD)
        self.wait_for("Message general")

    # --- the line of phones, and of the page with plain text

    def send_line(self, text: str) -> None:
        self.page.locator("#line").fill(text)
        self.page.locator("#line").press("Enter")

    @property
    def log(self) -> str:
        return self.page.locator("#log").inner_text()

    def wait_for_log(self, text: str) -> None:
        self.wait_until(lambda: text in self.log, f"{text!r} in {self.log!r}")

    def wait_for_prompt(self, text: str) -> None:
        self.page.locator("#prompt", has_text=text).wait_for()

    def close(self) -> None:
        self.context.close()


class WebDesk:
    """A server for browsers, someone who has a client, and Chromium."""

    def __init__(self, table: Desk, data: Path, browser: Browser) -> None:
        listen = ("--listen", "https://127.0.0.1:0", "--name", "Kitchen table")
        self.server, self.native = start_server(table, data, *listen)
        self.server.wait_for("gateway ready")
        self.address = f"https://{self.server.row_with(READY).removeprefix(READY)}/"
        self.ben: Terminal = sign_up(table, "ben", self.native)
        self.browser = browser

    def tab(self, path: str = "", **options: Any) -> Tab:
        return Tab(self.browser, self.address + path, **options)

    @contextmanager
    def tab_on_cable(self) -> Iterator[tuple[Tab, Cable]]:
        """Yield a tab, and the cable between it and the server."""
        at = urlsplit(self.address)
        assert at.hostname is not None
        assert at.port is not None
        with cable(Address(at.hostname, at.port)) as between:
            tab = Tab(self.browser, f"https://127.0.0.1:{between.port}/")
            yield tab, between
            assert tab.problems == []
            tab.close()


@contextmanager
def web_desk() -> Iterator[WebDesk]:
    """Yield all of that, in a folder with a short path."""
    with (
        chromium() as browser,
        TemporaryDirectory(prefix="desk-") as folder,
        desk(Path(folder)) as table,
    ):
        yield WebDesk(table, Path(folder) / "data", browser)
