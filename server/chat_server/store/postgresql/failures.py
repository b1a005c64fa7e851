"""What PostgreSQL's errors mean: to the store's callers, and in words for the operator."""

from collections.abc import Generator
from contextlib import contextmanager

import psycopg

from chat_server.errors import UnreachableStoreError, UnusableStoreError
from chat_server.store.errors import DiskFullError, StoreError
from chat_server.store.postgresql.queries import Database


def reason(error: psycopg.Error) -> str:
    """Return why something failed, in one line."""
    return error.diag.message_primary or " ".join(str(error).split())


def store_error(method: str, error: psycopg.Error) -> StoreError:
    """Return what `method` raises for `error`, in one line."""
    kind = DiskFullError if isinstance(error, psycopg.errors.DiskFull) else StoreError
    return kind(f"{method}: {reason(error)}")


@contextmanager
def usable(db: Database | None = None) -> Generator[None]:
    """Turn errors of connecting, or else of preparing `db`, into UnusableStoreError."""
    try:
        yield
    except psycopg.Error as exc:
        away = db is None or db.closed
        kind = UnreachableStoreError if away else UnusableStoreError
        sentence = reason(exc).rstrip(".?")
        raise kind(f"The database cannot be used: {sentence}.") from None
