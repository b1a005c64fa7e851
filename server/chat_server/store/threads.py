"""The store's two threads: one that writes, one that reads.

They are separate so that a query never delays a commit. What runs on them is a
plain function of a `Store`, one whole transaction; only this module knows how
it gets to its thread.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import apsw

from chat_server.config import Durability
from chat_server.store.api import Store, StoreError
from chat_server.store.reserve import Reserve
from chat_server.store.sqlite.database import configure, migrate
from chat_server.store.sqlite.failures import is_full, usable
from chat_server.store.sqlite.store import SqliteStore
from chat_server.store.sqlite.transaction import snapshot
from chat_server.tasks.worker import Worker

T = TypeVar("T")


class Storage:
    """Carries transactions to the store's threads and their results back."""

    def __init__(
        self,
        writer: Worker,
        writing: Store,
        reader: Worker,
        reading: Store,
        snapshot: Callable[[], AbstractContextManager[None]],
        reserve: Reserve,
    ) -> None:
        self._writer = writer
        self._writing = writing
        self._reader = reader
        self._reading = reading
        self._reserve = reserve
        self._snapshot = snapshot  # of what `reading` reads, during its `with`

    async def write(self, transaction: Callable[[Store], T]) -> T:
        """Run `transaction` after those already waiting; return what it returns.

        Not cancellable: the caller always learns whether it was committed, so
        that memory and disk never disagree.
        """
        return await self._writer.call(partial(self._write, transaction))

    async def write_bulk(self, transaction: Callable[[Store], T]) -> T:
        """As `write`, for what is refused on a full disk so that everything else goes on."""
        return await self.write(partial(self._if_space, transaction))

    def _if_space(self, transaction: Callable[[Store], T], store: Store) -> T:
        if not self._reserve.hold():
            raise StoreError("the disk is full")
        try:
            return transaction(store)
        except StoreError as exc:
            raise StoreError(f"{exc}") from None  # without its cause: the reserve is not for this

    def _write(self, transaction: Callable[[Store], T]) -> T:
        try:
            return transaction(self._writing)
        except StoreError as exc:
            # Whole or not at all, so it can be run again.
            if not (is_full(exc) and self._reserve.release()):
                raise
            return transaction(self._writing)

    async def read(self, query: Callable[[Store], T]) -> T:
        """Run `query` on the reading thread. Cancellable.

        All that it reads is of one moment, and it sees every write that has returned.
        """

        def read() -> T:
            with self._snapshot():
                result = query(self._reading)
            return result  # noqa: RET504 - for mypy a `with` may swallow what it raised

        return await self._reader.call(read, abandon=True)


@asynccontextmanager
async def open_storage(
    path: Path, durability: Durability = "power", reserve: Path | None = None
) -> AsyncGenerator[Storage]:
    """Open the database at `path`, creating or migrating it as needed.

    Some of the disk is held for when it is full, by the file `reserve`.

    Raises UnusableStoreError with a message for the operator.
    """
    async with _connection(path) as (writer, to_write), _connection(path) as (reader, to_read):
        with usable(path):
            await writer.call(partial(configure, to_write, durability))
            await writer.call(partial(migrate, to_write))
            await reader.call(partial(configure, to_read, durability))
        held = Reserve(reserve)
        await writer.call(held.hold)  # early: the disk may be filled before the first message
        yield Storage(
            writer,
            SqliteStore(to_write),
            reader,
            SqliteStore(to_read),
            partial(snapshot, to_read),
            held,
        )


@asynccontextmanager
async def _connection(path: Path) -> AsyncGenerator[tuple[Worker, apsw.Connection]]:
    """Open a connection on a thread of its own, the only one to use it."""
    worker = Worker(f"store: {path.name}")
    worker.start()
    try:
        connection = await worker.call(partial(_connect, path))
        try:
            yield worker, connection
        finally:
            await worker.call(connection.close)
    finally:
        worker.stop()


def _connect(path: Path) -> apsw.Connection:
    with usable(path):
        # Messages are private on a shared machine. SQLite gives its side files
        # the mode of this one.
        path.touch(mode=0o600)
        db = apsw.Connection(str(path))
    return db  # noqa: RET504 - for mypy a `with` may swallow what it raised
