"""A storage that waits or fails when a test says so, on top of one that works."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self, TypeVar

import trio

from chat_server.store.api import Store, StoreError
from chat_server.store.threads import Storage

T = TypeVar("T")


class FaultyStorage(Storage):
    """Works as `storage` does, but for the time that a `with` of one of its faults lasts."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._commits = _Gate()
        self._answers = _Gate()
        self._queries = _Gate()
        self._writing_fails = False
        self._reading_fails = False
        self.writes = 0  # transactions that were asked for

    async def write(self, transaction: Callable[[Store], T]) -> T:
        self.writes += 1
        if self._writing_fails:
            raise StoreError("database or disk is full")
        with trio.CancelScope(shield=True):
            await self._commits.pass_through()
            result = await self._storage.write(transaction)
            await self._answers.pass_through()
        return result

    async def read(self, query: Callable[[Store], T]) -> T:
        if self._reading_fails:
            raise StoreError("disk I/O error")
        result = await self._storage.read(query)
        await self._queries.pass_through()
        return result

    def commits_held(self) -> "_Gate":
        """Let no write reach the disk before the end of the `with`."""
        return self._commits

    def answers_held(self) -> "_Gate":
        """Let writes reach the disk, and nobody hear of it before the end of the `with`."""
        return self._answers

    def queries_held(self) -> "_Gate":
        """Let reads see the disk as it is now, and answer at the end of the `with`."""
        return self._queries

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Let every write fail."""
        self._writing_fails = True
        yield
        self._writing_fails = False

    @contextmanager
    def failing_reads(self) -> Iterator[None]:
        """Let every read fail."""
        self._reading_fails = True
        yield
        self._reading_fails = False


class _Gate:
    """Open, but for the time that its `with` lasts."""

    def __init__(self) -> None:
        self._opening: trio.Event | None = None
        self._reached = trio.Event()

    def __enter__(self) -> Self:
        self._opening = trio.Event()
        self._reached = trio.Event()
        return self

    def __exit__(self, *_: object) -> None:
        if self._opening is not None:
            self._opening.set()
            self._opening = None

    def open_once(self) -> None:
        """Let through who waits, and shut the gate behind them."""
        self.__exit__()
        self.__enter__()

    async def pass_through(self) -> None:
        self._reached.set()
        if self._opening is not None:
            await self._opening.wait()

    async def wait_reached(self) -> None:
        """Wait until somebody has come to the gate since it was shut."""
        await self._reached.wait()
