"""How many people may use the gateway at once, and how many of them from one address."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

# Terminals at once: a gateway of two cores and a gigabyte serves them.
MAX_TERMINALS: Final = 200
# From one address: a classroom behind one router.
MAX_PER_ADDRESS: Final = 20
# Connections that have not come through SSH's handshake yet.
MAX_HANDSHAKES: Final = 32
# Clients that start at once: each takes a core for a moment, and people who type must not wait.
MAX_STARTING: Final = 2
# People who wait for their client to start.
MAX_WAITING: Final = 50

_FULL: Final = "All places are taken. Try again in a few minutes."
_FULL_ADDRESS: Final = "Too many connections from your address. Close one, and try again."
_BUSY: Final = "Too many people are connecting right now. Try again in a minute."


class NoPlaceError(Exception):
    """There is no place; the message is a sentence for the person."""


class Places:
    """Counts everybody who is connected."""

    def __init__(self) -> None:
        self._by_address: Counter[str] = Counter()
        self._left = asyncio.Event()  # somebody, since it was cleared
        self._handshakes = 0
        self._starting = asyncio.Semaphore(MAX_STARTING)
        self._waiting = 0

    def begin_handshake(self) -> None:
        """Count a connection until `end_handshake`. Raises NoPlaceError."""
        if self._handshakes >= MAX_HANDSHAKES:
            raise NoPlaceError(_BUSY)
        self._handshakes += 1

    def end_handshake(self) -> None:
        self._handshakes -= 1

    @contextmanager
    def terminal(self, address: str) -> Generator[None]:
        """Count a terminal. Raises NoPlaceError."""
        if self._by_address.total() >= MAX_TERMINALS:
            raise NoPlaceError(_FULL)
        if self._by_address[address] >= MAX_PER_ADDRESS:
            raise NoPlaceError(_FULL_ADDRESS)
        self._by_address[address] += 1
        try:
            yield
        finally:
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]
            self._left.set()

    async def wait_empty(self) -> None:
        """Wait until no terminal is connected."""
        while self._by_address:
            self._left.clear()
            await self._left.wait()

    @asynccontextmanager
    async def starting(self) -> AsyncGenerator[None]:
        """Wait for a turn to start a client, and keep it during the block. Raises NoPlaceError."""
        if self._waiting >= MAX_WAITING:
            raise NoPlaceError(_BUSY)
        self._waiting += 1
        try:
            await self._starting.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._starting.release()
