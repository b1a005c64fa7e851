"""Opens the store in PostgreSQL, on one thread that writes and several that read."""

from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import Final

import psycopg

from chat_server.errors import UnusableStoreError
from chat_server.store.postgresql.connection import PostgresqlConnection
from chat_server.store.postgresql.database import connect, migrate
from chat_server.store.reserve import Reserve
from chat_server.store.threads import Storage, connected

# A query costs a round trip of its thread, and a thousand reconnects ask thousands.
_READERS: Final = 4


@asynccontextmanager
async def open_storage(url: str) -> AsyncGenerator[Storage]:
    """Open the database at `url`, filling or migrating it as needed.

    Raises UnusableStoreError with a message for the operator.
    """
    async with AsyncExitStack() as connections:
        writer = await connections.enter_async_context(
            connected("store: writer", partial(_connect_writer, url))
        )
        readers = [
            await connections.enter_async_context(
                connected("store: reader", partial(_connect_reader, url))
            )
            for _ in range(_READERS)
        ]
        yield Storage(writer, readers, Reserve(None))


def _connect_writer(url: str) -> PostgresqlConnection:
    with _usable():
        db = connect(url)
        try:
            migrate(db)
        except BaseException:
            db.close()
            raise
    return PostgresqlConnection(db)


def _connect_reader(url: str) -> PostgresqlConnection:
    with _usable():
        db = connect(url)
    return PostgresqlConnection(db)


@contextmanager
def _usable() -> Generator[None]:
    """Turn errors of the connection and of migrating into UnusableStoreError."""
    try:
        yield
    except psycopg.Error as exc:
        reason = exc.diag.message_primary or " ".join(str(exc).split())
        raise UnusableStoreError(f"The database cannot be used: {reason}.") from None
