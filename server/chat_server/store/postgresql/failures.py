"""What PostgreSQL's errors mean to the store's callers."""

import psycopg

from chat_server.store.errors import DiskFullError, StoreError


def store_error(method: str, error: psycopg.Error) -> StoreError:
    """Return what `method` raises for `error`, in one line."""
    kind = DiskFullError if isinstance(error, psycopg.errors.DiskFull) else StoreError
    return kind(f"{method}: {error.diag.message_primary or ' '.join(str(error).split())}")
