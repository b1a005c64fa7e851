"""The full screen of one person, in a worker."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from chat_tui.app import ChatApp
from chat_tui.gateway.browser_page import BrowserPage
from chat_tui.gateway.driver import TerminalDriver
from chat_tui.gateway.frames import KEPT_FOR, Kind, Opening
from chat_tui.gateway.seat import clients_for, invitation_of, keys_of
from chat_tui.gateway.terminal import BROKEN, FAILED, MAX_PICTURE, Terminal
from chat_tui.gateway.turns import Turns
from chat_tui.model.connection_keys import NO_KEYS, ConnectionKeys
from chat_tui.model.outbox import PageFile
from chat_tui.model.premises import IN_BROWSER, KIOSK
from chat_tui.storage.settings import Settings
from chat_tui.terminal.pictures.cells import plausible
from chat_tui.terminal.pictures.decoding import PictureDecoder
from chat_tui.terminal.textual_internals import share_standard_streams, terminal_variables
from chat_tui.themes import LIGHT

# Keys instead of those that browsers keep for themselves: Ctrl+N opens a window, and Ctrl+Q ends
# Firefox on Linux. There is no editor here, whose key is free.
_KEYS_IN_BROWSERS: Final = {
    "room.create": "f4",
    "message.editor": "shift+f4",
    "quit": "f12,ctrl+q",
}

# One picture at a time in a worker, whose people share it.
_DECODER: Final = PictureDecoder()


class ScreenSeat:
    """A client, and the terminal that it draws in; the person may be away for a while."""

    def __init__(self, opening: Opening, server: Path, turns: Turns) -> None:
        """Make a client for the server at the socket `server`, drawn in `turns` with others."""
        self.terminal: Final = Terminal(opening.size)
        self.account = ""
        self.ticket = opening.ticket
        self.is_ending = False
        self._app = make_app(opening, server, self._entered)
        self._app.driver_class = partial(  # type: ignore[assignment]
            TerminalDriver, self.terminal, partial(turns.press, self), self._draw_anew
        )
        drawer = self._app.drawer
        drawer.measure = lambda: plausible(self.terminal.size.cell)
        drawer.most, drawer.wait_read = MAX_PICTURE, self.terminal.wait_read
        self._app.drawing_turn = partial(turns.turn, self)
        self._app.failed = self._fail
        self.page: Final = BrowserPage(self.terminal, self._offer_files)
        self._show_in_page(opening)
        self._failure: Exception | None = None
        self._leaving: asyncio.TimerHandle | None = None

    @property
    def connection_keys(self) -> ConnectionKeys:
        return self._app.connection_keys

    async def run(self) -> None:
        """Run the client until it ends, by the person's word or because they stay away.

        Raises what it failed with.
        """
        code = FAILED
        try:
            await self._app.run_async()
            code = self._app.return_code or 0
        finally:
            self.terminal.end(code, BROKEN if code else "")
        if self._failure is not None:
            raise self._failure

    def leave(self) -> None:
        """The person is gone: wait for them if they were logged in, and can be told from others.

        A guest has no password by which to come back. In a browser, the page has a ticket.
        """
        self._app.connection_keys = NO_KEYS  # theirs are kept no longer than their connection
        if self._app.state.guest_until and not self.ticket:
            self.account = ""
        if self.account:
            self._leaving = asyncio.get_running_loop().call_later(KEPT_FOR, self.end)
        else:
            self.end()

    def come_back(self, opening: Opening) -> None:
        """The person is here again, with another terminal."""
        self.terminal.size = opening.size
        self.ticket = opening.ticket
        self._app.connection_keys = keys_of(opening)
        self._show_in_page(opening)
        if opening.room:
            self._app.call_later(self._app.open_room, opening.room)
        if self._leaving is not None:
            self._leaving.cancel()

    def end(self) -> None:
        self.is_ending = True
        self._app.exit()

    # What is drawn, now or by a timer, is left to the app itself: Textual finds the app of a timer
    # in the context in which that was made. Elsewhere the timer fails, and the app when it ends.

    def _draw_anew(self) -> None:
        self._app.call_later(self._app.draw_anew)

    def _offer_files(self, files: Sequence[PageFile], caption: str) -> None:
        self._app.call_later(self._app.offer_files, files, caption)

    def _show_in_page(self, opening: Opening) -> None:
        """Use the page that shows the client, if one does."""
        is_there = opening.via == "web"
        self.page.come_back(is_there=is_there)
        self.terminal.page = self._app.page = self.page if is_there else None

    def _fail(self, failure: Exception) -> None:
        self._failure = failure

    def _entered(self, account: str) -> None:
        self.account = account
        self.terminal.send(Kind.LOGGED_IN, account.encode())


def _settings(opening: Opening) -> Settings:
    """Return the settings of a client. In a browser, the page shows notifications."""
    settings = Settings(name=opening.name, theme=LIGHT.name if opening.is_light else "")
    if opening.via == "web":
        return replace(settings, notify="osc9", keys=_KEYS_IN_BROWSERS)
    return settings


def make_app(opening: Opening, server: Path, entered: Callable[[str], None]) -> ChatApp:
    """Make a client, which calls `entered` with the account after each log-in."""
    with terminal_variables(opening.variables):
        app = ChatApp(
            _settings(opening),
            invitation=invitation_of(opening, server),
            premises=IN_BROWSER if opening.via == "web" else KIOSK,
            connection_keys=keys_of(opening),
            make_client=clients_for(opening),
            entered=entered,
            decoder=_DECODER,
        )
    share_standard_streams(app)
    return app
