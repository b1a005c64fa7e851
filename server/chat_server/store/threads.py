"""The store's threads: one that writes, others that read.

They are separate so that a query never delays a commit. What runs on them is a
plain function of a `Store`, one whole transaction; only this module knows how
it gets to its thread.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Generic, Protocol, TypeVar

from chat_server.store.api import Store
from chat_server.store.errors import DiskFullError, StoreError
from chat_server.store.reserve import Reserve
from chat_server.tasks.worker import Worker

T = TypeVar("T")


class Connection(Protocol):
    """A store on a connection of its own, for one thread.

    Any method may raise StoreError, or StoreLost if the store is on another machine.
    """

    def write(self, act: Callable[[Store], T]) -> T:
        """Run `act` and commit all that it has written, or nothing of it if it raises."""

    def read(self, query: Callable[[Store], T]) -> T:
        """Run `query`, for which everything is as it is at one moment."""

    def erase_deleted(self) -> bool:
        """As `Storage.erase_deleted`."""

    def close(self) -> None: ...


C = TypeVar("C", bound=Connection, covariant=True)


@dataclass(frozen=True, slots=True)
class ConnectedThread(Generic[C]):
    """A thread and the connection that it alone uses."""

    worker: Worker
    connection: C


class Read(Protocol):
    """Runs a query on the store, as `Storage.read`."""

    def __call__(self, query: Callable[[Store], T]) -> Awaitable[T]: ...


class Storage:
    """Carries transactions to the store's threads and their results back."""

    def __init__(
        self,
        writer: ConnectedThread[Connection],
        readers: Sequence[ConnectedThread[Connection]],
        reserve: Reserve,
    ) -> None:
        self._writer = writer.worker
        self._writing = writer.connection
        self._readers = readers
        self._reserve = reserve

    async def write(self, act: Callable[[Store], T]) -> T:
        """Run `act`, one transaction, after those already waiting; return what it returns.

        What it raises undoes all that it has done. It may catch a refusal (TakenError, say) and
        go on, but no StoreError. On a full disk it may run twice.

        Not cancellable: the caller always learns whether it was committed, so
        that memory and disk never disagree. Raises StoreLost where that cannot be known.
        """
        return await self._writer.call(partial(self._write, act))

    async def write_bulk(self, act: Callable[[Store], T]) -> T:
        """As `write`, for what is refused on a full disk so that everything else goes on."""
        return await self._writer.call(partial(self._write_if_space, act))

    def _write(self, act: Callable[[Store], T]) -> T:
        try:
            return self._writing.write(act)
        except DiskFullError:
            # Whole or not at all, so it can be run again.
            if not self._reserve.release():
                raise
            return self._writing.write(act)

    def _write_if_space(self, act: Callable[[Store], T]) -> T:
        if not self._reserve.hold():
            raise StoreError("the disk is full")
        return self._writing.write(act)

    async def read(self, query: Callable[[Store], T]) -> T:
        """Run `query` on the reading thread with the fewest queries. Cancellable.

        All that it reads is of one moment, and it sees every write that has returned.
        """
        reader = min(self._readers, key=lambda reader: reader.worker.backlog)
        return await reader.worker.call(partial(reader.connection.read, query), abandon=True)

    async def erase_deleted(self) -> bool:
        """Make deleted texts unreadable in the store's files too, unless a reader holds them.

        Return whether that is done. No part of a transaction: only then are there none.
        """
        return await self._writer.call(self._writing.erase_deleted)


@asynccontextmanager
async def connected(name: str, connect: Callable[[], C]) -> AsyncGenerator[ConnectedThread[C]]:
    """Open a connection on a thread called `name`."""
    worker = Worker(name)
    worker.start()
    try:
        connection = await worker.call(connect)
        try:
            yield ConnectedThread(worker, connection)
        finally:
            await worker.call(connection.close)
    finally:
        worker.stop()
