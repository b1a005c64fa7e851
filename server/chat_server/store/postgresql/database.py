"""A database of PostgreSQL: how it is connected to, and brought to this version."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import psycopg
from psycopg.abc import Buffer
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumper

from chat_server.errors import UnusableStoreError
from chat_server.store.postgresql.queries import Database, stored_text, value, values_of
from chat_server.store.postgresql.schema import FIRST, FIRST_VERSION, MIGRATIONS, VERSION
from chat_server.store.postgresql.transaction import transaction

APPLICATION: Final = "chat-server"  # as `pg_stat_activity` calls our connections
CONNECT_WITHIN: Final = 4  # seconds, for each host

_TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
_OLDEST_TABLES: Final = {"account", "token", "room", "member", "message", "version"}

# How long a silence is taken for a connection: a second, then three probes a second apart.
_OPTIONS: Final[dict[str, Any]] = {
    "target_session_attrs": "read-write",
    "connect_timeout": CONNECT_WITHIN,
    "keepalives_idle": 1,  # second
    "keepalives_interval": 1,  # second
    "keepalives_count": 3,
    "tcp_user_timeout": 4_000,  # milliseconds
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where one server of PostgreSQL is, and since when it runs, which no two have in common."""

    host: str
    hostaddr: str  # empty for a Unix socket
    port: int
    started: datetime


class _Text(StrDumper):
    def dump(self, obj: str) -> "Buffer | None":
        return super().dump(stored_text(obj))


def connect(url: str, at: Place | None = None) -> Database:
    """Return a connection to the database at `url`, on that of its hosts which can be written.

    With `at`, only there. It is lost within some seconds once the host does not answer. Raises
    psycopg.Error.
    """
    where = {"host": at.host, "hostaddr": at.hostaddr, "port": at.port} if at else {}
    options: dict[str, Any] = _OPTIONS | where
    db: psycopg.Connection[tuple[Any, ...]] = psycopg.connect(
        url, autocommit=True, application_name=APPLICATION, **options
    )
    # All integers alike: else each size of a number would be a statement of its own to prepare.
    db.adapters.register_dumper(int, Int8Dumper)
    db.adapters.register_dumper(str, _Text)
    return db


def place_of(db: Database) -> Place:
    """Return where the server that `db` is connected to is."""
    started: datetime = value(db, "SELECT pg_postmaster_start_time()")
    return Place(db.info.host, db.info.hostaddr, db.info.port, started)


def migrate(db: Database) -> None:
    """Bring the tables to this version, in one transaction.

    Raises UnusableStoreError for a database that a newer version or another program has written.
    """
    with transaction(db):
        upgrade(db)


def upgrade(db: Database) -> None:
    """As `migrate`, within a transaction."""
    version = version_of(db)
    if version == VERSION:
        return
    if not version:
        db.execute(FIRST)
    for script in MIGRATIONS[max(version - FIRST_VERSION, 0) :]:
        db.execute(script)
    db.execute("UPDATE version SET number = %s", (VERSION,))


def version_of(db: Database) -> int:
    """Return the version of the tables, 0 if there are none.

    Raises UnusableStoreError for a database that a newer version or another program has written.
    """
    names = set(values_of(db, _TABLES))
    if not names:
        return 0
    if not names >= _OLDEST_TABLES:
        raise UnusableStoreError(
            f"The database {db.info.dbname} is not a chat database. Choose an empty one."
        )
    version: int = value(db, "SELECT number FROM version")
    if version > VERSION:
        raise UnusableStoreError(
            f"The database {db.info.dbname} was written by a newer chat-server. "
            "Install that version or later, or choose another database."
        )
    return version
