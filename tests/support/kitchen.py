"""A room owned by Ada, which many tests of rooms use."""

from chat_server.rooms.room import Room
from support.peer import Peer
from support.running_server import RunningServer


async def kitchen(server: RunningServer, *others: str) -> tuple[str, list[Peer]]:
    """Return the password of Ada's kitchen, and its members, with nothing left to receive."""
    ada = await server.log_in("Ada")
    password = await ada.create("Kitchen")
    peers = [ada]
    for name in others:
        peer = await server.log_in(name)
        await peer.join("Kitchen", password)
        peers.append(peer)
    for peer in peers:
        await peer.ping()
        peer.unread.clear()
    return password, peers


def kitchen_of(server: RunningServer) -> Room:
    """Return the kitchen, as the server has it."""
    room = server.services.rooms.find("kitchen")
    assert room is not None
    return room
