"""A storage that waits or fails on demand, around one that works."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self, TypeVar

import trio

from chat_server.store.api import Store, StoreError
from chat_server.store.threads import Storage

T = TypeVar("T")


class FaultyStorage(Storage):
    """Works as `storage` does, except within a `with` of one of its faults."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._commits = _Gate()
        self._answers = _Gate()
        self._queries = _Gate()
        self._writing_fails = False
        self._bulk_fails = False
        self._reading_fails = False
        self._bug = ""  # where it is: before a write, or after it
        self.writes = 0  # transactions requested
        self.reads = 0  # queries requested

    async def write(self, act: Callable[[Store], T]) -> T:
        self.writes += 1
        if self._writing_fails:
            raise StoreError("database or disk is full")
        if self._bug == "before":
            raise MemoryError
        with trio.CancelScope(shield=True):
            await self._commits.pass_through()
            result = await self._storage.write(act)
            await self._answers.pass_through()
        if self._bug:
            raise MemoryError
        return result

    async def write_bulk(self, act: Callable[[Store], T]) -> T:
        if self._bulk_fails:
            raise StoreError("the disk is full")
        return await self.write(act)

    async def erase_deleted(self) -> bool:
        return await self._storage.erase_deleted()

    async def read(self, query: Callable[[Store], T]) -> T:
        self.reads += 1
        if self._reading_fails:
            raise StoreError("disk I/O error")
        result = await self._storage.read(query)
        await self._queries.pass_through()
        return result

    async def texts(self, room: int = 1) -> list[str]:
        """Return the texts of the messages that are stored."""
        messages = await self.read(lambda store: store.messages_after(room, 0, 10_000))
        return [message.text for message in messages]

    def commits_held(self) -> "_Gate":
        """Hold writes back from the disk until the end of the `with`."""
        return self._commits

    def answers_held(self) -> "_Gate":
        """Let writes reach the disk, but return only at the end of the `with`."""
        return self._answers

    def queries_held(self) -> "_Gate":
        """Let reads see the disk as it is now, but return only at the end of the `with`."""
        return self._queries

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Make every write fail."""
        self._writing_fails = True
        yield
        self._writing_fails = False

    @contextmanager
    def unexpected_errors(self, *, after_commits: bool = False) -> Iterator[None]:
        """Make every write raise what no store promises, before or after it is on disk."""
        self._bug = "after" if after_commits else "before"
        yield
        self._bug = ""

    @contextmanager
    def nearly_full_disk(self) -> Iterator[None]:
        """Make every write fail that must leave the reserve alone."""
        self._bulk_fails = True
        yield
        self._bulk_fails = False

    @contextmanager
    def failing_reads(self) -> Iterator[None]:
        """Make every read fail."""
        self._reading_fails = True
        yield
        self._reading_fails = False


class _Gate:
    """Open, except within its `with`."""

    def __init__(self) -> None:
        self._opening: trio.Event | None = None
        self._held: trio.Event | None = None  # of those that wait while others pass
        self._reached = trio.Event()

    def __enter__(self) -> Self:
        self._opening = trio.Event()
        self._reached = trio.Event()
        return self

    def __exit__(self, *_: object) -> None:
        for event in (self._held, self._opening):
            if event is not None:
                event.set()
        self._held = self._opening = None

    def open_once(self) -> None:
        """Let the waiting tasks through and close again."""
        self.__exit__()
        self.__enter__()

    def let_others_pass(self) -> None:
        """Hold only those that wait already, until the end of the `with`."""
        self._held, self._opening = self._opening, None

    async def pass_through(self) -> None:
        self._reached.set()
        if self._opening is not None:
            await self._opening.wait()

    async def wait_reached(self) -> None:
        """Wait until a task has reached the gate since it was closed."""
        await self._reached.wait()
