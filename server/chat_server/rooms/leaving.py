"""The end of a membership, in order with what the member has posted.

What was posted before is published before `left`; what is posted during the removal
waits for its end, and is then refused, or accepted if the removal failed.
"""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import Protocol

import trio

from chat_server.rooms.room import Room


class WaitPublished(Protocol):
    """Waits until every message posted to a room, or by one account, is published."""

    async def __call__(self, room: Room, author: int | None = None) -> None: ...


@asynccontextmanager
async def leaving(
    wait_published: WaitPublished, rooms: Iterable[Room], account: int
) -> AsyncGenerator[None]:
    """Publish pending messages of `account`, and hold back new ones during the block.

    The block removes the account from `rooms`, or takes from it the right to write.
    """
    over = trio.Event()
    held = list(rooms)
    for room in held:
        room.leaving.add((account, over))
    try:
        for room in held:
            await wait_published(room, account)
        yield
    finally:
        for room in held:
            room.leaving.discard((account, over))
        over.set()


@asynccontextmanager
async def leaving_direct(
    wait_published: WaitPublished, room: Room, account: int
) -> AsyncGenerator[None]:
    """Publish all pending messages before the block ends a membership in a direct message.

    A post from now on finds `account` absent and waits for `room.lock`, which the caller
    holds, to make it rejoin. So every message is received, before or after. If the block
    raises, `account` stays.
    """
    room.absent.add(account)
    try:
        await wait_published(room)
        yield
    except BaseException:
        room.absent.discard(account)
        raise
