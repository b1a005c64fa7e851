"""Opens the store in PostgreSQL, on one thread that writes and several that read.

That is for the one server that leads. All others are candidates: they have a connection that
waits to become the one that writes.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

import trio

from chat_server.store.api import Store
from chat_server.store.postgresql.connection import PostgresqlConnection, lose_together
from chat_server.store.postgresql.database import connect, migrate
from chat_server.store.postgresql.failures import usable
from chat_server.store.postgresql.heartbeat import run_heartbeat
from chat_server.store.postgresql.leadership import (
    Leader,
    begin,
    check_server,
    leader_of,
    wait_for_lock,
)
from chat_server.store.postgresql.queries import Database
from chat_server.store.reserve import Reserve
from chat_server.store.threads import ConnectedThread, Read, Storage, connected

T = TypeVar("T")

# A query costs a round trip of its thread, and a thousand reconnects ask thousands.
_READERS: Final = 4


@asynccontextmanager
async def open_storage(url: str, node: str = "") -> AsyncGenerator[Storage]:
    """Open the database at `url` once no other server leads, and keep others from leading.

    Raises UnusableStoreError with a message for the operator, and StoreLost once another
    server may lead.
    """
    async with candidate(url) as waiting:
        await waiting.wait_leading(node)
        async with waiting.storage() as storage:
            yield storage


@asynccontextmanager
async def candidate(url: str) -> AsyncGenerator["Candidate"]:
    """Connect to the database at `url`. Raises UnusableStoreError."""
    async with connected("store: writer", partial(_connect, url)) as writer:
        yield Candidate(url, writer)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A server that is connected, and may lead."""

    url: str
    writer: ConnectedThread[PostgresqlConnection]

    async def wait_leading(self, node: str) -> int:
        """Wait until no other server leads; fill or migrate the database as needed.

        Return the epoch that begins. Raises UnusableStoreError. Cancelled, the connection is lost.
        """
        try:
            return await self.writer.worker.call(
                partial(_lead, self.writer.connection, node), abandon=True
            )
        except trio.Cancelled:
            self.writer.connection.interrupt()
            raise

    @asynccontextmanager
    async def storage(self) -> AsyncGenerator[Storage]:
        """Yield the store of the leader. Raises StoreLost once another server may lead."""
        async with AsyncExitStack() as connections:
            readers = [
                await connections.enter_async_context(
                    connected("store: reader", partial(_connect, self.url))
                )
                for _ in range(_READERS)
            ]
            lose_together([thread.connection for thread in (self.writer, *readers)])
            async with trio.open_nursery() as nursery:
                nursery.start_soon(run_heartbeat, self.writer, readers[0])
                yield Storage(self.writer, readers, Reserve(None))
                nursery.cancel_scope.cancel()


@asynccontextmanager
async def open_reading(url: str) -> AsyncGenerator[Read]:
    """Yield a function that queries the store as `Storage.read`, for a server that stands by.

    Raises UnusableStoreError; the function raises StoreError and StoreLost.
    """
    async with connected("store: reader", partial(_connect, url)) as reader:

        async def read(query: Callable[[Store], T]) -> T:
            return await reader.worker.call(partial(reader.connection.read, query), abandon=True)

        yield read


def find_leader(url: str) -> Leader | None:
    """Return who leads the servers on the database at `url`, or led last.

    On any thread; raises UnusableStoreError.
    """
    with usable(), connect(url) as db:
        return leader_of(db)


def _connect(url: str) -> PostgresqlConnection:
    with usable():
        db = connect(url)
        try:
            check_server(db)
        except BaseException:
            db.close()
            raise
    return PostgresqlConnection(db)


def _lead(connection: PostgresqlConnection, node: str) -> int:
    def lead(db: Database) -> int:
        with usable(db):
            wait_for_lock(db)
            migrate(db)
            return begin(db, node)

    return connection.use(lead)
