"""One leader of all servers on a database: the one whose writing connection has the lock.

The lock and all writes are on one connection, and PostgreSQL releases the lock when that ends. So
who has lost the lock cannot write, and what a new leader reads is all that there will ever be of
the time before it.
"""

from dataclasses import dataclass
from typing import Final

from psycopg.errors import LockNotAvailable

from chat_server.errors import UnusableStoreError
from chat_server.store.postgresql.queries import Database, first, value

LEASE: Final = 4  # seconds for which nobody else leads after the leader was last heard of

_OLDEST_SERVER: Final = 15
# The second number lets each schema of a database have a leader of its own.
_LOCK: Final = "SELECT pg_advisory_lock(7667, hashtext(current_schema()))"
# PostgreSQL frees the lock some time after the connection of who had it has ended.
_BRIEFLY: Final = "SET lock_timeout = '2s'"

# Whom the server has not heard of for LEASE seconds is gone, and its lock is free; even if its
# process is only stopped, or its machine is. Nothing else may end a statement, above all not
# the wait for a standby: the transaction would be done all the same, and perhaps only here.
_SETTINGS: Final = f"""
    SET idle_session_timeout = '{LEASE}s';
    SET idle_in_transaction_session_timeout = '{LEASE}s';
    SET client_connection_check_interval = '1s';
    SET tcp_keepalives_idle = 1;
    SET tcp_keepalives_interval = 1;
    SET tcp_keepalives_count = {LEASE - 1};
    SET tcp_user_timeout = '{LEASE}s';
    SET statement_timeout = 0;
    SET lock_timeout = 0;
"""
_WEAK: Final = ("off", "local", "remote_write")  # values of synchronous_commit

_BEGIN: Final = (
    "UPDATE leader SET epoch = epoch + 1, node = %s, at = extract(epoch FROM now()) * 1000"
    " RETURNING epoch"
)


@dataclass(frozen=True, slots=True)
class Leader:
    """Who leads, or led last."""

    node: str
    epoch: int  # how often the lead was taken


def check_server(db: Database) -> None:
    """Raise UnusableStoreError unless the lock and the writes are sure to be one connection's."""
    version = db.info.server_version // 10_000
    if version < _OLDEST_SERVER:
        raise UnusableStoreError(
            f"The database server is PostgreSQL {version}. Upgrade it to {_OLDEST_SERVER} or later."
        )
    if value(db, "SELECT pg_backend_pid()") != db.info.backend_pid:
        raise UnusableStoreError(
            "A connection pooler, such as PgBouncer, is between this server and PostgreSQL, and "
            "could lend its connection to others. Give --store the address of PostgreSQL itself."
        )


def wait_for_lock(db: Database) -> None:
    """Wait until no other server leads; none will as long as `db` is connected."""
    db.execute(_SETTINGS)
    if value(db, "SHOW synchronous_commit") in _WEAK:
        db.execute("SET synchronous_commit = on")
    db.execute(_LOCK)


def take_lock(db: Database) -> bool:
    """Return whether no server leads; then none will as long as `db` is connected.

    Wait a little for one that has just ended.
    """
    db.execute(_BRIEFLY)
    try:
        db.execute(_LOCK)
    except LockNotAvailable:
        return False
    db.execute("SET lock_timeout = 0")
    return True


def begin(db: Database, node: str) -> int:
    """Record that `node` leads; return the epoch that begins with it.

    It waits for the synchronous standby, if there is one. So whatever was committed and is seen
    here is safe there, too: the servers before this one may have seen no more.
    """
    epoch: int = value(db, _BEGIN, (node,))
    return epoch


def leader_of(db: Database) -> Leader | None:
    """Return who leads or led last, if anybody ever did."""
    if value(db, "SELECT to_regclass('leader')") is None:
        return None
    row = first(db, "SELECT node, epoch FROM leader WHERE epoch > 0")
    return Leader(*row) if row else None
