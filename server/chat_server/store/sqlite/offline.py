"""Databases without an event loop: copied, examined, or filled before the first start.

Copying and examining are harmless while a server uses the same file.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final, TypeAlias

import apsw

from chat_server.errors import StartError, UnusableStoreError
from chat_server.store.search_index import indexing
from chat_server.store.sqlite.database import configure, copy_into, migrate, version_of
from chat_server.store.sqlite.failures import reason, usable
from chat_server.store.sqlite.schema import VERSION
from chat_server.store.sqlite.store import SqliteStore
from chat_server.store.sqlite.transaction import snapshot
from chat_server.store.stored_blobs import all_blobs

# Takes the blobs of a moment, by key, size and SHA-256, and returns whether it has all there are.
TakeBlobs: TypeAlias = Callable[[Sequence[tuple[str, int, bytes]]], bool]

_FIRST_WITH_FILES: Final = 15  # of the versions of a database


def copy_database(
    source: Path,
    target: Path,
    report: Callable[[float], None],
    take_blobs: TakeBlobs | None = None,
) -> None:
    """Copy the database as it is at one moment, whatever is written to it meanwhile.

    `report` is called with the part that is done, from 0 to 1. `target`, an empty file,
    ends up complete and on disk, without side files. Raises StartError.

    `take_blobs` is called first, with the blobs of that moment; if it returns False, since some
    were removed before it came to them, again with those of a later one, which is then copied.
    """
    try:
        with _opened(source) as db:
            if take_blobs is not None:
                # Most of them: for as long as a transaction is open, the server's log grows.
                take_blobs(_blobs(db))
            while not _copy_moment(db, target, report, take_blobs):
                pass
        with _opened(target) as copy:
            _check_sound(copy, source)
    except apsw.Error as exc:
        raise StartError(f"The database {source} cannot be copied: {reason(exc)}.") from None


def _copy_moment(
    db: apsw.Connection,
    target: Path,
    report: Callable[[float], None],
    take_blobs: TakeBlobs | None,
) -> bool:
    """Copy the database as it is now, unless `take_blobs` returns False; return what that did."""
    # A read in an open transaction keeps the copy to one moment: without it, each
    # write by the server would restart the copy.
    with snapshot(db):
        db.execute("SELECT count(*) FROM sqlite_schema").get  # noqa: B018 - it reads
        if take_blobs is not None and not take_blobs(_blobs(db)):
            return False
        copy_into(db, target, report)
    return True


def _blobs(db: apsw.Connection) -> list[tuple[str, int, bytes]]:
    """Return all blobs of whole files and uploads."""
    return all_blobs(SqliteStore(db)) if version_of(db) >= _FIRST_WITH_FILES else []


def examine(path: Path) -> int:
    """Return the version of the database. Raises UnusableStoreError if it is damaged."""
    try:
        with _opened(path) as db:
            _check_sound(db, path)
            return version_of(db)
    except apsw.Error as exc:
        raise UnusableStoreError(f"{path} cannot be read: {reason(exc)}.") from None


def examine_index(path: Path, database: Path) -> int:
    """Return how many messages the search index at `path` is behind. Raises UnusableStoreError."""
    try:
        with _opened(path) as index, _opened(database) as db:
            if index.pragma("user_version") != indexing.VERSION:
                raise UnusableStoreError(f"{path} has an unsupported version.")
            last: int = index.execute("SELECT last FROM state").get
            behind: int = db.execute("SELECT count(*) FROM message WHERE id > ?", (last,)).get
    except apsw.Error as exc:
        raise UnusableStoreError(f"{path} cannot be read: {reason(exc)}.") from None
    return behind


@contextmanager
def open_store(path: Path) -> Generator[SqliteStore]:
    """Open the database at `path`, created or migrated as needed. Raises StartError."""
    with ExitStack() as cleanup:
        with usable(path):
            path.touch(mode=0o600)
            db = cleanup.enter_context(closing(apsw.Connection(str(path))))
            configure(db, "power")
            migrate(db)
        yield SqliteStore(db)


@contextmanager
def read_store(path: Path) -> Generator[SqliteStore]:
    """Open the database at `path` as it is at this moment, whatever is written to it meanwhile.

    Raises UnusableStoreError.
    """
    try:
        with _opened(path) as db, snapshot(db):
            if version_of(db) != VERSION:
                raise UnusableStoreError(
                    f"{path} was written by another version of chat-server. "
                    "Start this version with it once, and try again."
                )
            yield SqliteStore(db)
    except apsw.Error as exc:
        raise UnusableStoreError(f"{path} cannot be read: {reason(exc)}.") from None


@contextmanager
def _opened(path: Path) -> Generator[apsw.Connection]:
    # Writable as well: a reader beside a writer marks its snapshot in the -shm file.
    with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as db:
        yield db


def _check_sound(db: apsw.Connection, name: Path) -> None:
    verdict = db.pragma("integrity_check")
    if verdict != "ok":
        raise UnusableStoreError(f"{name} is damaged: {verdict}. Restore a backup.")
