"""How long others wait: one client that pings all the time, beside whatever else goes on.

The longest wait for a pong is the longest time that the server's loop, or the machine, stood still.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import trio

from support.peer import Peer

_EVERY: Final = 0.001  # seconds between a pong and the next ping


@asynccontextmanager
async def pinging(peer: Peer) -> AsyncGenerator[list[float]]:
    """Record how long each pong takes, in seconds, while the block runs."""
    waits = [0.0]

    async def ping() -> None:
        while True:
            started = trio.current_time()
            await peer.ping()
            waits.append(trio.current_time() - started)
            peer.unread.clear()
            await trio.sleep(_EVERY)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ping)
        yield waits
        nursery.cancel_scope.cancel()
