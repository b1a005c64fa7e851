"""What an operator should know of a database that a server uses, or is about to use."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from chat_server.errors import UnusableStoreError
from chat_server.store.postgresql.database import connect, version_of
from chat_server.store.postgresql.failures import usable
from chat_server.store.postgresql.leadership import Leader, check_server, leader_of
from chat_server.store.postgresql.queries import value
from chat_server.store.postgresql.replication import Standby, standbys_of
from chat_server.store.postgresql.schema import VERSION
from chat_server.store.postgresql.store import PostgresqlStore
from chat_server.store.postgresql.transaction import snapshot


@dataclass(frozen=True, slots=True)
class Examination:
    server: str  # the version of PostgreSQL
    version: int  # of the tables, 0 if there are none
    leader: Leader | None
    syncs: bool  # whether a commit is on the disk
    standbys: str  # those that a commit waits for, as PostgreSQL writes it; empty for none
    connected: tuple[Standby, ...] | None  # None if this role may not see them


@contextmanager
def read_store(url: str) -> Generator[PostgresqlStore]:
    """Open the database at `url` as it is at this moment, whatever is written to it meanwhile.

    Raises UnusableStoreError.
    """
    with usable(), connect(url) as db, usable(db), snapshot(db):
        if version_of(db) != VERSION:
            raise UnusableStoreError(
                f"The database {db.info.dbname} was written by another version of chat-server. "
                "Start this version with it once, and try again."
            )
        yield PostgresqlStore(db)


def examine(url: str) -> Examination:
    """Look at the database at `url`, and change nothing. Raises UnusableStoreError."""
    with usable(), connect(url) as db:
        check_server(db)
        return Examination(
            value(db, "SHOW server_version"),
            version_of(db),
            leader_of(db),
            value(db, "SHOW fsync") == "on",
            value(db, "SHOW synchronous_standby_names"),
            standbys_of(db),
        )
