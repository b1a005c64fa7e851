"""Opens the embedded store: one SQLite file, on a thread that writes and one that reads."""

from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from functools import partial
from pathlib import Path

import apsw

from chat_server.config import Durability
from chat_server.store.reserve import Reserve
from chat_server.store.sqlite.connection import SqliteConnection
from chat_server.store.sqlite.database import configure, migrate
from chat_server.store.sqlite.failures import usable
from chat_server.store.threads import Storage, connected


@asynccontextmanager
async def open_storage(
    path: Path, durability: Durability = "power", reserve: Path | None = None
) -> AsyncGenerator[Storage]:
    """Open the database at `path`, creating or migrating it as needed.

    Some of the disk is held for when it is full, by the file `reserve`.

    Raises UnusableStoreError with a message for the operator.
    """
    name = f"store: {path.name}"
    async with (
        connected(name, partial(_connect_writer, path, durability)) as writer,
        connected(name, partial(_connect_reader, path, durability)) as reader,
    ):
        held = Reserve(reserve)
        # Early: the disk may be filled before the first message.
        await writer.worker.call(held.hold)
        yield Storage(writer, [reader], held)


def _connect_writer(path: Path, durability: Durability) -> SqliteConnection:
    with usable(path):
        # Messages are private on a shared machine. SQLite gives its side files
        # the mode of this one.
        path.touch(mode=0o600)
        with _opened(path) as db:
            configure(db, durability)
            migrate(db)
    return SqliteConnection(db)


def _connect_reader(path: Path, durability: Durability) -> SqliteConnection:
    with usable(path), _opened(path) as db:
        configure(db, durability)
        # What a query wrote would be undone with its snapshot, and nobody would notice.
        db.pragma("query_only", True)
    return SqliteConnection(db)


@contextmanager
def _opened(path: Path) -> Generator[apsw.Connection]:
    """Open a connection and leave it open, unless something goes wrong inside."""
    with ExitStack() as cleanup:
        db = cleanup.enter_context(closing(apsw.Connection(str(path))))
        yield db
        cleanup.pop_all()
