"""A client in a worker, of whichever kind, and what it connects to the server by."""

from functools import partial
from pathlib import Path
from typing import Protocol

from chat_shared.proxy_header import Origin, write_header
from chat_tui.controller.controller import MakeClient
from chat_tui.gateway.frames import Opening, Size
from chat_tui.gateway.terminal import Terminal
from chat_tui.model.address import Address, Invitation
from chat_tui.net.client import Client


class Seat(Protocol):
    """A client, and the terminal that it draws in."""

    def __init__(self, opening: Opening, server: Path) -> None:
        """Make a client for the server at the socket `server`."""

    @property
    def terminal(self) -> Terminal: ...
    @property
    def account(self) -> str:
        """Who may come back to it, after a connection that was lost; empty for nobody."""

    async def run(self) -> None:
        """Run the client until it ends."""

    def leave(self) -> None:
        """The person is gone, and perhaps comes back."""

    def come_back(self, size: Size) -> None:
        """The person is here again, with a terminal of this size."""

    def end(self) -> None:
        """Make the client end."""


def invitation_of(opening: Opening, server: Path) -> Invitation:
    """Return where the client of `opening` goes: to the server at the socket `server`."""
    return Invitation(Address(path=str(server)), room=opening.room, code=opening.invite)


def clients_for(opening: Opening) -> MakeClient:
    """Return what makes clients that tell the server whom they are for."""
    header = write_header(Origin(opening.address, opening.via))
    return partial(Client, header=header, device=opening.via)
