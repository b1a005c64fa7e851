"""A room that belongs to Ada, where much of what happens in rooms is tried."""

from support.house import OpenHouse
from support.peer import Peer


async def kitchen(house: OpenHouse, *others: str) -> tuple[str, list[Peer]]:
    """Return the password of Ada's kitchen, and everybody in it, nothing left to hear."""
    ada = await house.enter("Ada")
    password = await ada.create("Kitchen")
    peers = [ada]
    for name in others:
        peer = await house.enter(name)
        await peer.join("Kitchen", password)
        peers.append(peer)
    for peer in peers:
        await peer.ping()
        peer.unread.clear()
    return password, peers
