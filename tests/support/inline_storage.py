"""A storage without threads: the real store, in memory, with each transaction in the caller.

A virtual clock does not see threads: it would jump to the next deadline while one
is busy. Here nothing happens outside the loop, so tests can assert exact times.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import TypeVar

import apsw
import trio

from chat_server.store.api import Store
from chat_server.store.sqlite.connection import SqliteConnection
from chat_server.store.sqlite.database import configure, migrate
from chat_server.store.threads import Connection, Storage

T = TypeVar("T")


class InlineStorage(Storage):
    """`Storage` on one connection, without threads. Other tasks run before and after a call."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def write(self, act: Callable[[Store], T]) -> T:
        return await self._call(partial(self._connection.write, act))

    async def write_bulk(self, act: Callable[[Store], T]) -> T:
        return await self.write(act)  # in memory: no disk to be full

    async def erase_deleted(self) -> bool:
        return await self._call(self._connection.erase_deleted)

    async def read(self, query: Callable[[Store], T]) -> T:
        await trio.lowlevel.checkpoint()
        result = self._connection.read(query)
        await trio.lowlevel.checkpoint()
        return result

    async def _call(self, fn: Callable[[], T]) -> T:
        with trio.CancelScope(shield=True):
            await trio.lowlevel.checkpoint()
            result = fn()
            await trio.lowlevel.checkpoint()
        return result


@contextmanager
def inline_storage() -> Iterator[InlineStorage]:
    """Yield a storage that is discarded at the end."""
    with closing(apsw.Connection(":memory:")) as db:
        configure(db, "process")
        migrate(db)
        yield InlineStorage(SqliteConnection(db))
