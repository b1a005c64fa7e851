"""Members who watch a room in the tests of presence."""

import trio

from chat_shared import messages as m
from support.peer import Peer
from support.running_server import RunningServer

ROUND = 2.0  # seconds after which changes have been sent


async def watch(peer: Peer, room: str = "general") -> m.Joined:
    return await peer.grant(m.Watch(room, id=peer.number()), m.Joined)


async def watching(server: RunningServer, name: str, room: str = "general") -> Peer:
    """Return `name`, who watches `room` and has received all changes up to now."""
    peer = await server.log_in(name)
    await watch(peer, room)
    await trio.sleep(ROUND)
    await peer.ping()
    peer.unread.clear()
    return peer


async def disconnect(server: RunningServer, peer: Peer, account: int) -> None:
    """Close the connection of `peer` and wait until the account is offline."""
    await peer.aclose()
    while server.services.registry.is_online(account):
        await trio.lowlevel.checkpoint()


async def go_away(peer: Peer, text: str) -> None:
    await peer.grant(m.Away(text, id=peer.number()), m.Ok)
