"""How many people may use the gateway at once, and how many of them from one address."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final

from chat_shared.handshakes import Handshakes

# Terminals at once: a gateway of two cores and a gigabyte serves them.
MAX_TERMINALS: Final = 200
# From one address: a classroom behind one router.
MAX_PER_ADDRESS: Final = 20
# Connections that have not come through SSH's handshake yet: a large class arrives at once.
MAX_HANDSHAKES: Final = 100
# Handshakes, of SSH and of TLS, that connections of one address begin at once, as a classroom does;
# and the seconds in which as many again begin, in turn. Each is work for the process that what
# everybody types passes through.
HANDSHAKES: Final = 120
HANDSHAKES_WITHIN: Final = 10.0
# Clients that start at once: each takes a core for a moment, and people who type must not wait.
MAX_STARTING: Final = 2
# People who wait for their client to start.
MAX_WAITING: Final = 100

_FULL: Final = "All places are taken. Try again in a few minutes."
_FULL_ADDRESS: Final = "Too many connections from your address. Close one, and try again."
_BUSY: Final = "Too many people are connecting right now. Try again in a minute."


class NoPlaceError(Exception):
    """There is no place; the message is a sentence for the person."""


@dataclass(eq=False, frozen=True)
class Handshake:
    """A connection that is not established yet."""

    address: str
    give_up: Callable[[], object]


class Places:
    """Counts everybody who is connected."""

    def __init__(self) -> None:
        self._by_address: Counter[str] = Counter()
        self._left = asyncio.Event()  # somebody, since it was cleared
        self._turns = Handshakes(HANDSHAKES, HANDSHAKES_WITHIN)
        self._handshakes: list[Handshake] = []  # the oldest first
        self._starting = asyncio.Semaphore(MAX_STARTING)
        self._waiting = 0

    def handshake_wait(self, address: str) -> float | None:
        """Return the seconds until a connection from `address` may begin its handshake.

        None if too many wait already: then it must be closed.
        """
        return self._turns.wait(address, asyncio.get_running_loop().time())

    def begin_handshake(self, handshake: Handshake) -> None:
        """Count a connection until `end_handshake`; of too many, give up one.

        It is the oldest of the address that has the most: those who mean it are through within a
        second, so a stranger with many connections keeps nobody out.
        """
        self._handshakes.append(handshake)
        if len(self._handshakes) > MAX_HANDSHAKES:
            counts = Counter(one.address for one in self._handshakes)
            greediest = counts.most_common(1)[0][0]
            oldest = next(one for one in self._handshakes if one.address == greediest)
            self._handshakes.remove(oldest)
            oldest.give_up()

    def end_handshake(self, handshake: Handshake) -> None:
        """Count it no longer, if it still counts."""
        if handshake in self._handshakes:
            self._handshakes.remove(handshake)

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
