"""A storage without threads: the real store, in memory, with each transaction in the caller.

A virtual clock does not see threads: it would jump to the next deadline while one
is busy. Here nothing happens outside the loop, so tests can assert exact times.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TypeVar

import apsw
import trio

from chat_server.store.api import Store
from chat_server.store.sqlite.database import configure, migrate
from chat_server.store.sqlite.store import SqliteStore
from chat_server.store.threads import Storage

T = TypeVar("T")


class InlineStorage(Storage):
    """`Storage` on one store, without threads. Other tasks run before and after a transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def write(self, transaction: Callable[[Store], T]) -> T:
        with trio.CancelScope(shield=True):
            await trio.lowlevel.checkpoint()
            result = transaction(self._store)
            await trio.lowlevel.checkpoint()
        return result

    async def write_bulk(self, transaction: Callable[[Store], T]) -> T:
        return await self.write(transaction)  # in memory: no disk to be full

    async def read(self, query: Callable[[Store], T]) -> T:
        await trio.lowlevel.checkpoint()
        result = query(self._store)
        await trio.lowlevel.checkpoint()
        return result


@contextmanager
def inline_storage() -> Iterator[InlineStorage]:
    """Yield a storage that is discarded at the end."""
    with closing(apsw.Connection(":memory:")) as db:
        configure(db, "process")
        migrate(db)
        yield InlineStorage(SqliteStore(db))
