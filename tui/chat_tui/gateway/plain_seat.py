"""The client without a screen of one person, in a worker."""

import asyncio
from pathlib import Path
from typing import Final

from chat_tui.gateway.consoles import LinesConsole, TerminalConsole
from chat_tui.gateway.frames import KEPT_FOR, Exit, Kind, Opening
from chat_tui.gateway.seat import clients_for, invitation_of, keys_of
from chat_tui.gateway.terminal import BROKEN, Terminal
from chat_tui.plain.chat import PlainChat
from chat_tui.plain.console import Interrupted
from chat_tui.plain.gave_up import GaveUp
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings

# Seconds for what was typed last to be sent, when the person is gone.
UNSENT_FOR: Final = 30.0

_FAILED: Final = 1
_INTERRUPTED: Final = 130  # as shells have it


class PlainSeat:
    """A plain client. It ends with its connection: nothing is drawn that one could come back to."""

    def __init__(self, opening: Opening, server: Path) -> None:
        self.terminal = Terminal(opening.size)
        self._opening = opening
        self._server = server
        self.account = ""
        self.ticket = opening.ticket
        self.is_ending = False
        self._talking: asyncio.Task[Exit] | None = None
        self._console = (
            TerminalConsole(self.terminal, opening.variables.get("TERM", ""))
            if opening.has_terminal
            else LinesConsole(self.terminal)
        )
        self.terminal.display = self._console

    async def run(self) -> None:
        self._talking = asyncio.create_task(self._talk())
        ended = Exit(_FAILED, BROKEN)
        try:
            ended = await self._talking
        finally:
            self._console.close()
            self.terminal.end(ended.code, ended.sentence)

    async def _talk(self) -> Exit:
        """Chat until the input or the session ends."""
        opening = self._opening
        chat = PlainChat(
            self._console,
            Settings(name=opening.name),
            Paths(),
            clients_for(opening),
            connection_keys=keys_of(opening),
            entered=self._entered,
        )
        try:
            return Exit(await chat.run(invitation_of(opening, self._server)))
        except GaveUp as exc:
            return Exit(_FAILED, str(exc))
        except Interrupted:
            return Exit(_INTERRUPTED)

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
        if self._talking is not None:
            asyncio.get_running_loop().call_later(UNSENT_FOR, self._talking.cancel)
