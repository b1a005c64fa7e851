"""Runs a client that nobody sees, so that workers which are forked afterwards share what it needs.

That is modules that are imported late, parsed style sheets, and caches: a third of a worker's own
memory, and 0.2 s in which nobody else in it would be served.
"""

import asyncio
from pathlib import Path
from typing import Final

from textual.pilot import Pilot

from chat_tui.gateway.frames import Opening, Size
from chat_tui.gateway.screen_seat import make_app
from chat_tui.gateway.seat import invitation_of
from chat_tui.model.address import Place
from chat_tui.net.events import LoggedIn

_SIZE: Final = Size(120, 36)
_TERMINAL: Final = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


def warm_up(server: Path) -> None:
    """Show the log-in form, then the chat. Nothing is connected, and no thread is left.

    `server` is the socket at which clients find the chat server.
    """
    asyncio.run(_show(server))


async def _show(server: Path) -> None:
    opening = Opening("127.0.0.1", "ssh", _SIZE, variables=_TERMINAL)
    place = Place(invitation_of(opening, server).address)
    app = make_app(opening, server, lambda _: None)

    async def log_in(pilot: Pilot[object]) -> None:
        await pilot.pause()
        app.enter(LoggedIn(place, again=True))
        await pilot.pause()
        app.exit()

    await app.run_async(headless=True, size=(_SIZE.columns, _SIZE.lines), auto_pilot=log_in)
    if app.return_code:
        raise RuntimeError("the client failed")
