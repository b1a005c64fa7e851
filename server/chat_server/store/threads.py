"""The store's two threads: one that writes, one that reads.

They are apart so that a query never delays a commit. What runs on them is a
plain function of a `Store`, one whole transaction, so this is the only place
that knows how a transaction gets to its thread.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar, cast

import apsw
import apsw.aio
import trio

from chat_server.config import Durability
from chat_server.errors import UnusableStoreError
from chat_server.store import Store
from chat_server.store.sqlite import SqliteStore, configure, migrate

T = TypeVar("T")


class Storage:
    """Carries transactions to the store's threads and their results back."""

    def __init__(
        self,
        writer: "apsw.AsyncConnection",
        writing: Store,
        reader: "apsw.AsyncConnection",
        reading: Store,
    ) -> None:
        self._writer = writer
        self._writing = writing
        self._reader = reader
        self._reading = reading

    async def write(self, transaction: Callable[[Store], T]) -> T:
        """Run `transaction` after those already waiting; return what it returns.

        Not cancelled half-way: whoever asked for a write learns whether it
        happened, so that memory and disk never disagree.
        """
        with trio.CancelScope(shield=True):
            result: T = await self._writer.async_run(transaction, self._writing)
        return result

    async def read(self, query: Callable[[Store], T]) -> T:
        """Run `query` beside the writing. It sees every write that has returned."""
        result: T = await self._reader.async_run(query, self._reading)
        return result


@asynccontextmanager
async def open_storage(path: Path, durability: Durability = "power") -> AsyncGenerator[Storage]:
    """Open the database at `path`, making or migrating it as needed.

    Raises UnusableStoreError with a sentence for the operator.
    """
    apsw.async_controller.set(apsw.aio.Trio)  # type: ignore[arg-type]  # a class that makes one
    async with _connection(path) as writer, _connection(path) as reader:
        await writer.async_run(configure, writer, durability)
        await writer.async_run(migrate, writer)
        await reader.async_run(configure, reader, durability)
        yield Storage(writer, _store_on(writer), reader, _store_on(reader))


def _store_on(connection: "apsw.AsyncConnection") -> Store:
    """Return the store of `connection`, which on its own thread is an ordinary connection."""
    return SqliteStore(cast("apsw.Connection", connection))


@asynccontextmanager
async def _connection(path: Path) -> AsyncGenerator["apsw.AsyncConnection"]:
    try:
        # Members' messages are nobody else's business on a shared machine;
        # SQLite gives its side files the mode of this one.
        path.touch(mode=0o600)  # noqa: ASYNC240 - before anybody is served
        connection = await apsw.Connection.as_async(str(path))
    except (OSError, apsw.CantOpenError):
        raise UnusableStoreError(
            f"{path} cannot be opened. Is the folder yours to write?"
        ) from None
    try:
        yield connection
    finally:
        # Shielded: one left open, as by a second signal, keeps the interpreter from exiting.
        with trio.CancelScope(shield=True):
            await connection.aclose()
