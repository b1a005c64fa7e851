"""A client in a worker, of whichever kind, and what it connects to the server by."""

from functools import partial
from pathlib import Path
from typing import Protocol

from chat_shared.links import invited_by, invites_guest
from chat_shared.proxy_header import Origin, write_header
from chat_shared.ssh_keys import parse_key
from chat_tui.controller.controller import MakeClient
from chat_tui.gateway.frames import Opening
from chat_tui.gateway.terminal import Terminal
from chat_tui.model.address import Address, Invitation
from chat_tui.model.connection_keys import ConnectionKeys
from chat_tui.net.client import Client


class Seat(Protocol):
    """A client, and the terminal that it draws in."""

    @property
    def terminal(self) -> Terminal: ...
    @property
    def account(self) -> str:
        """Who may come back to it, after a connection that was lost; empty for nobody."""

    @property
    def ticket(self) -> str:
        """By which a page in a browser comes back to it; empty for none."""

    @property
    def is_ending(self) -> bool: ...
    async def run(self) -> None:
        """Run the client until it ends."""

    def leave(self) -> None:
        """The person is gone, and perhaps comes back."""

    def come_back(self, opening: Opening) -> None:
        """The person is here again, with another terminal."""

    def end(self) -> None:
        """Make the client end."""


def invitation_of(opening: Opening, server: Path) -> Invitation:
    """Return where the client of `opening` goes: to the server at the socket `server`."""
    address = Address(path=str(server), is_private=True)
    code = invited_by(opening.invite)
    return Invitation(address, opening.room, code=code, guest=invites_guest(opening.invite))


def clients_for(opening: Opening) -> MakeClient:
    """Return what makes clients that tell the server whom they are for, and log out at their end.

    Their tokens are kept nowhere, and would take the places of those that are.
    """
    proven = parse_key(opening.key).data if opening.key else b""
    header = write_header(Origin(opening.address, opening.via, proven))
    return partial(Client, header=header, device=opening.via, logs_out=True)


def keys_of(opening: Opening) -> ConnectionKeys:
    """Return the SSH keys of the connection."""
    return ConnectionKeys(logs_in=bool(opening.key), offered=opening.offered)
