"""Transactions of PostgreSQL, on connections that commit each statement outside of them.

A transaction in which a statement has failed does nothing more, and COMMIT would undo it
without an error: here it is one.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from psycopg.errors import InFailedSqlTransaction
from psycopg.pq import TransactionStatus

from chat_server.store.postgresql.queries import Database

_OPEN: Final = (TransactionStatus.INTRANS, TransactionStatus.INERROR)


def in_transaction(db: Database) -> bool:
    """Return whether a transaction has begun on `db`, failed or not."""
    return db.info.transaction_status in _OPEN


@contextmanager
def transaction(db: Database) -> Generator[None]:
    """Run what is inside whole or not at all. Not to be nested."""
    db.execute("BEGIN")
    try:
        yield
        if db.execute("COMMIT").statusmessage != "COMMIT":
            raise InFailedSqlTransaction("a statement of the transaction has failed")
    except BaseException:
        _roll_back(db)
        raise


@contextmanager
def snapshot(db: Database) -> Generator[None]:
    """Let all that is read inside be of one moment, whatever is written meanwhile."""
    db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        yield
    finally:
        _roll_back(db)


def _roll_back(db: Database) -> None:
    if in_transaction(db):  # a lost connection has ended it
        db.execute("ROLLBACK")
