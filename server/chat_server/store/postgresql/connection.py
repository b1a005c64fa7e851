"""The store on one connection to PostgreSQL, with whole transactions."""

from collections.abc import Callable
from typing import TypeVar

from chat_server.store.api import Store
from chat_server.store.postgresql.guard import raises_store_errors
from chat_server.store.postgresql.queries import Database
from chat_server.store.postgresql.store import PostgresqlStore
from chat_server.store.postgresql.transaction import snapshot, transaction

T = TypeVar("T")


class PostgresqlConnection:
    """`Connection` on a database that `database.migrate` has prepared."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._store = PostgresqlStore(db)

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

    def erase_deleted(self) -> bool:
        # Its files keep a deleted row until autovacuum comes, and its log until that is
        # removed: nothing that the store can hasten.
        return True

    def close(self) -> None:
        self._db.close()
