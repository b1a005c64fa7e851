"""Guests of a room: a link, those who come by it, and a server that lets them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chat_server.config import Config, Registration
from chat_server.store.threads import Storage
from chat_shared import messages as m
from support.clock import Clock
from support.kitchen import kitchen
from support.peer import Peer
from support.running_server import WIDE, RunningServer, running_server


@asynccontextmanager
async def configured(
    storage: Storage,
    registration: Registration = "open",
    *,
    clock: Clock | None = None,
    allowed: bool = True,
) -> AsyncIterator[RunningServer]:
    """Yield a server that takes guests, if that is `allowed`."""
    config = Config(registration=registration, guest_links=allowed, limits=WIDE)
    async with running_server(storage, config, now=clock or Clock()) as server:
        yield server


async def link(peer: Peer, room: str = "kitchen") -> m.RoomInvite:
    """Return a new link for guests to `room`, made by `peer`."""
    return await peer.grant(m.InviteGuests(room, id=peer.number()), m.RoomInvite)


async def come(server: RunningServer, name: str, code: str) -> tuple[Peer, m.Welcome]:
    """Return a guest who came by the link with this code, and the welcome."""
    peer = await server.connect()
    request = m.RegisterGuest(name, code, "test", id=peer.number())
    return peer, await peer.grant(request, m.Welcome)


async def refusal_of(server: RunningServer, name: str, code: str) -> m.Error:
    """Return why a guest cannot come."""
    peer = await server.connect()
    return await peer.refusal(m.RegisterGuest(name, code, id=1))


async def with_guest(server: RunningServer) -> tuple[Peer, Peer, str]:
    """Return Ada, guest-Mia in her kitchen, and the code of the link."""
    _, (ada,) = await kitchen(server)
    code = (await link(ada)).code
    mia, _ = await come(server, "Mia", code)
    await ada.ping()
    ada.unread.clear()
    return ada, mia, code


async def bye(peer: Peer) -> str:
    """Return why the session of `peer` closes."""
    return (await peer.expect(m.Bye)).reason
