"""Opens the store in PostgreSQL, on one thread that writes and several that read.

That is for the one server that leads. All others are candidates: they have a connection that
waits to become the one that writes.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final, NoReturn, TypeVar

import trio

from chat_server.errors import UnreachableStoreError
from chat_server.store.api import Store
from chat_server.store.postgresql.connection import PostgresqlConnection, lose_together
from chat_server.store.postgresql.database import Place, connect, migrate, place_of
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
from chat_server.store.postgresql.replication import Standby, standbys_of
from chat_server.store.reserve import Reserve
from chat_server.store.threads import ConnectedThread, Read, Storage, connected

T = TypeVar("T")

# A query costs a round trip of its thread, and a thousand reconnects ask thousands.
READERS: Final = 4


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
        place = await writer.worker.call(partial(writer.connection.use, place_of))
        connect_beside = partial(_connect, url, place)
        async with connected("store: reader", connect_beside) as reader:
            yield Candidate(connect_beside, writer, reader)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A server that is connected, and may lead.

    All its connections are to the server that the first one has found. Among the hosts of a
    database there may be others that take writes, such as a primary of the past that has come
    back; and some may be slow to find absent.
    """

    connect_beside: Callable[[], PostgresqlConnection]
    writer: ConnectedThread[PostgresqlConnection]
    reader: ConnectedThread[PostgresqlConnection]

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

    async def run_heartbeat(self) -> NoReturn:
        """Raise StoreLost if the database does not answer while this server waits."""
        await run_heartbeat(self.writer, self.reader)

    async def find_leader(self) -> Leader | None:
        """Return who leads, or led last, if anybody ever did. Raises StoreError and StoreLost."""
        return await self.reader.worker.call(
            partial(self.reader.connection.use, leader_of), abandon=True
        )

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Read]:
        """Yield a function that queries the store as `Storage.read`, while this server stands by.

        Raises UnusableStoreError; the function raises StoreError and StoreLost.
        """
        async with connected("store: reader", self.connect_beside) as reader:
            lose_together([each.connection for each in (self.writer, self.reader, reader)])

            async def read(query: Callable[[Store], T]) -> T:
                return await reader.worker.call(
                    partial(reader.connection.read, query), abandon=True
                )

            yield read

    @asynccontextmanager
    async def storage(self) -> AsyncGenerator[Storage]:
        """Yield the store of the leader. Raises StoreLost once another server may lead."""
        async with AsyncExitStack() as connections:
            readers = [self.reader]
            while len(readers) < READERS:
                further = connected("store: reader", self.connect_beside)
                readers.append(await connections.enter_async_context(further))
            lose_together([thread.connection for thread in (self.writer, *readers)])
            async with trio.open_nursery() as nursery:
                nursery.start_soon(run_heartbeat, self.writer, self.reader)
                yield Storage(self.writer, readers, Reserve(None))
                nursery.cancel_scope.cancel()


def find_leader(url: str) -> Leader | None:
    """Return who leads the servers on the database at `url`, or led last.

    On any thread; raises UnusableStoreError.
    """
    with usable(), connect(url) as db:
        return leader_of(db)


def find_replication(url: str) -> tuple[Leader | None, tuple[Standby, ...] | None]:
    """As `find_leader`, with the standbys of the database if this role may see them."""
    with usable(), connect(url) as db:
        return leader_of(db), standbys_of(db)


def _connect(url: str, at: Place | None = None) -> PostgresqlConnection:
    """Connect to the database at `url`, or to its server `at` that is named. On any thread."""
    with usable():
        db = connect(url, at)
        try:
            check_server(db)
            if at and place_of(db) != at:
                raise UnreachableStoreError("The address of the database leads elsewhere by now.")
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
