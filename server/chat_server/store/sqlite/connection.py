"""The embedded store on one connection, with whole transactions."""

from collections.abc import Callable
from typing import TypeVar

import apsw

from chat_server.store.api import Store
from chat_server.store.sqlite.guard import raises_store_errors
from chat_server.store.sqlite.store import SqliteStore
from chat_server.store.sqlite.transaction import snapshot, transaction
from chat_server.store.sqlite.wal import truncate_wal

T = TypeVar("T")


class SqliteConnection:
    """`Connection` on a database that `database.configure` and `migrate` have prepared."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self._store = SqliteStore(db)

    @raises_store_errors
    def write(self, act: Callable[[Store], T]) -> T:
        with transaction(self._db):
            result = act(self._store)
        return result  # noqa: RET504 - for mypy a `with` may swallow what it raised

    @raises_store_errors
    def read(self, query: Callable[[Store], T]) -> T:
        with snapshot(self._db):
            result = query(self._store)
        return result  # noqa: RET504 - likewise

    @raises_store_errors
    def erase_deleted(self) -> bool:
        return truncate_wal(self._db)

    def close(self) -> None:
        self._db.close()
