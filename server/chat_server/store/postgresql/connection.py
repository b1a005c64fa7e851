"""The store on one connection to PostgreSQL, with whole transactions.

A connection that is lost stays lost: nothing here connects again, since a lock may have been lost
with it. What it was doing then is in doubt.
"""

import os
import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from typing import Final, NoReturn, TypeVar

import psycopg

from chat_server.store.api import Store, StoreError
from chat_server.store.errors import StoreLost
from chat_server.store.postgresql.failures import reason, store_error
from chat_server.store.postgresql.queries import Database
from chat_server.store.postgresql.store import PostgresqlStore
from chat_server.store.postgresql.transaction import snapshot, transaction

T = TypeVar("T")

_LAST: Final = ("FATAL", "PANIC")  # severities after which PostgreSQL ends the connection


class PostgresqlConnection:
    """`Connection` on a database that `database.migrate` has prepared."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._store = PostgresqlStore(db)
        # Another descriptor of the same connection: it can be interrupted on any thread, while
        # its own thread may close the first.
        self._socket = socket.socket(fileno=os.dup(db.fileno()))
        self._warning = ""
        self._lost = ""
        self._others: Sequence[PostgresqlConnection] = ()
        db.add_notice_handler(self._note)

    def write(self, act: Callable[[Store], T]) -> T:
        with self._unless_lost("write"):
            with transaction(self._db):
                result = act(self._store)
            if self._warning:
                # The wait for the standby was cut short, say: others may see what can be lost.
                self._lose(self._warning)
        return result

    def read(self, query: Callable[[Store], T]) -> T:
        with self._unless_lost("read"), snapshot(self._db):
            result = query(self._store)
        return result  # noqa: RET504 - for mypy a `with` may swallow what it raised

    def use(self, act: Callable[[Database], T]) -> T:
        """Run `act` outside of any transaction."""
        with self._unless_lost("use"):
            result = act(self._db)
            if self._warning:
                self._lose(self._warning)
        return result

    def check(self) -> None:
        """Return once PostgreSQL has answered. Raises StoreLost."""
        self.use(lambda db: db.execute("SELECT 1"))

    def interrupt(self) -> None:
        """Make the connection a lost one, on any thread and at once."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def erase_deleted(self) -> bool:
        # Its files keep a deleted row until autovacuum comes, and its log until that is
        # removed: nothing that the store can hasten.
        return True

    def close(self) -> None:
        self._db.close()
        self._socket.close()

    @contextmanager
    def _unless_lost(self, method: str) -> Generator[None]:
        if self._lost:
            raise StoreLost(self._lost)
        try:
            yield
        except (psycopg.Error, StoreError) as exc:
            cause = exc.__cause__ if isinstance(exc, StoreError) else exc
            if self._db.closed or _is_last(cause):
                self._lose(reason(cause) if isinstance(cause, psycopg.Error) else f"{exc}")
            if isinstance(exc, psycopg.Error):
                raise store_error(method, exc) from exc
            raise

    def _lose(self, reason: str) -> NoReturn:
        self._lost = reason
        for connection in (self, *self._others):
            connection.interrupt()
        raise StoreLost(reason) from None

    def _note(self, notice: psycopg.errors.Diagnostic) -> None:
        if notice.severity_nonlocalized == "WARNING":
            self._warning = notice.message_primary or "a warning"


def lose_together(connections: Sequence[PostgresqlConnection]) -> None:
    """Once one of `connections` is lost, let no thread wait for another."""
    for connection in connections:
        connection._others = connections


def _is_last(error: BaseException | None) -> bool:
    return isinstance(error, psycopg.Error) and error.diag.severity_nonlocalized in _LAST
