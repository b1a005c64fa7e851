"""The client without a screen of one person, in a worker."""

import asyncio
from pathlib import Path
from typing import Final

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.gateway.browser_page import BrowserPage
from chat_tui.gateway.consoles import LinesConsole, TerminalConsole
from chat_tui.gateway.frames import KEPT_FOR, Exit, Kind, Opening
from chat_tui.gateway.seat import clients_for, invitation_of, keys_of
from chat_tui.gateway.terminal import BROKEN, FAILED, Terminal
from chat_tui.model.premises import IN_BROWSER, KIOSK
from chat_tui.plain.chat import PlainChat
from chat_tui.plain.console import Interrupted
from chat_tui.plain.gave_up import GaveUp
from chat_tui.plain.sending import Sending
from chat_tui.plain.start import read_text
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings

# Seconds for what was typed last to be sent, when the person is gone.
UNSENT_FOR: Final = 30.0

_NO_KEY: Final = (
    "No SSH key logs in to {0} over this connection, and a script can't type a password. "
    "Log in as {0} with ssh, and add your key with /keys."
)

_INTERRUPTED: Final = 130  # as shells have it


class PlainSeat:
    """A plain client, to chat or to send one message.

    Only a page in a browser comes back to it, by its ticket: what a terminal shows stays there.
    """

    def __init__(self, opening: Opening, server: Path) -> None:
        self.terminal = Terminal(opening.size)
        self._opening = opening
        self._to = invitation_of(opening, server)
        self.account = ""
        self.ticket = opening.ticket
        self.is_ending = False
        self._leaving: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[Exit] | None = None
        self._console = (
            TerminalConsole(self.terminal, opening.variables.get("TERM", ""))
            if opening.has_terminal
            else LinesConsole(self.terminal)
        )
        self.terminal.display = self._console

    async def run(self) -> None:
        self._task = asyncio.create_task(self._run())
        ended = Exit(FAILED, BROKEN)
        try:
            ended = await self._task
        finally:
            self._console.close()
            self.terminal.end(ended.code, ended.sentence)

    async def _run(self) -> Exit:
        try:
            return Exit(await self._send() if self._opening.view == "send" else await self._talk())
        except GaveUp as exc:
            return Exit(FAILED, str(exc))
        except Interrupted:
            return Exit(_INTERRUPTED)

    async def _talk(self) -> int:
        """Chat until the input or the session ends; return the exit code. Raises GaveUp."""
        opening = self._opening
        is_in_page = opening.via == "web"
        chat = PlainChat(
            self._console, Settings(name=opening.name), Paths(), clients_for(opening),
            connection_keys=keys_of(opening), premises=IN_BROWSER if is_in_page else KIOSK,
            entered=self._entered,
        )  # fmt: skip
        if is_in_page:
            self.terminal.page = chat.page = BrowserPage(self.terminal, chat.offer_files)
        return await chat.run(self._to)

    async def _send(self) -> int:
        """Send all that is typed as one message; return the exit code. Raises GaveUp.

        A password is not asked for: what is typed is the message.
        """
        opening = self._opening
        assert isinstance(self._console, LinesConsole)
        if not opening.key:
            raise GaveUp(_NO_KEY.format(clean_line(opening.name)))
        text = await read_text(self._console.input)
        log_in = m.LoginByKey(id=m.UNNUMBERED, name=opening.name)
        await Sending(opening.room, clients_for(opening)).run(self._to, log_in, text)
        return 0

    def leave(self) -> None:
        if self.account:
            self._leaving = asyncio.get_running_loop().call_later(KEPT_FOR, self.end)
        else:
            self.end()

    def come_back(self, opening: Opening) -> None:
        self.ticket = opening.ticket
        if isinstance(self._console, LinesConsole):
            self._console.come_back(opening.seen)
        if self._leaving is not None:
            self._leaving.cancel()

    def _entered(self, account: str) -> None:
        self.account = self.ticket
        if self.ticket:
            self.terminal.send(Kind.LOGGED_IN, account.encode())

    def end(self) -> None:
        self.is_ending = True
        self._console.quit()
        if self._task is not None:
            asyncio.get_running_loop().call_later(UNSENT_FOR, self._task.cancel)
