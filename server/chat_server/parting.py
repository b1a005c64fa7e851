"""Going from a room of two, and missing nothing that was said there before."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from chat_server.journal import Journal
from chat_server.rooms import Room


@asynccontextmanager
async def parting(journal: Journal, room: Room, account: int) -> AsyncGenerator[None]:
    """Let what is on its way to `account` be heard before their membership ends in the block.

    `room.changing` is held. Whoever speaks from now on finds them gone, and waits for
    it to call them back: so no word falls between the two. If the block raises, they stay.
    """
    if account not in room.peers:
        yield
        return
    room.exited.add(account)
    try:
        await journal.settle(room)
        yield
    except BaseException:
        room.exited.discard(account)
        raise
