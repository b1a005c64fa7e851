"""Going from a room of two, and missing nothing that was said there before."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

from chat_server.rooms.room import Room

# Waits until every message that was posted into a room has been stored and broadcast.
WaitPublished: TypeAlias = Callable[[Room], Awaitable[None]]


@asynccontextmanager
async def leaving(wait_published: WaitPublished, room: Room, account: int) -> AsyncGenerator[None]:
    """Let what is on its way to `account` be heard before their membership ends in the block.

    `room.lock` is held. Whoever speaks from now on finds them gone, and waits for
    it to call them back: so no word falls between the two. If the block raises, they stay.
    """
    if account not in room.participants:
        yield
        return
    room.absent.add(account)
    try:
        await wait_published(room)
        yield
    except BaseException:
        room.absent.discard(account)
        raise
