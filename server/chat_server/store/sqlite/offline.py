"""Databases without an event loop: copied, examined, or filled before the first start.

Copying and examining are harmless while a server uses the same file.
"""

from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import apsw

from chat_server.errors import StartError, UnusableStoreError
from chat_server.store.search_index import indexing
from chat_server.store.sqlite.database import configure, migrate, newer_version
from chat_server.store.sqlite.schema import VERSION
from chat_server.store.sqlite.store import SqliteStore

_STEP: Final = 1_000  # pages (4 MB) copied between two reports


def copy_database(source: Path, target: Path, report: Callable[[float], None]) -> None:
    """Copy the database as it is at this moment, whatever is written to it meanwhile.

    `report` is called with the part that is done, from 0 to 1. `target` ends up
    complete and on disk, without side files. Raises StartError.
    """
    try:
        with _opened(source) as db, closing(apsw.Connection(str(target))) as copy:
            # An open transaction keeps the copy to one moment: without it, each write
            # by the server would restart the copy.
            db.execute("BEGIN; SELECT count(*) FROM sqlite_schema").get  # noqa: B018 - it reads
            with copy.backup("main", db, "main") as backup:
                while not backup.done:
                    backup.step(_STEP)
                    report(1 - backup.remaining / max(backup.page_count, 1))
            copy.pragma("journal_mode", "delete")
            _check_sound(copy)
    except apsw.Error as exc:
        raise StartError(f"The database {source} cannot be copied: {exc}.") from None


def examine(path: Path) -> int:
    """Return the version of the database. Raises UnusableStoreError if it is damaged."""
    try:
        with _opened(path) as db:
            _check_sound(db)
            version: int = db.pragma("user_version")
    except apsw.Error as exc:
        raise UnusableStoreError(f"{path} cannot be read: {exc}.") from None
    if version > VERSION:
        raise newer_version(path)
    return version


def examine_index(path: Path, database: Path) -> int:
    """Return how many messages the search index at `path` is behind. Raises UnusableStoreError."""
    try:
        with _opened(path) as index, _opened(database) as db:
            if index.pragma("user_version") != indexing.VERSION:
                raise UnusableStoreError(f"{path} has an unsupported version.")
            last: int = index.execute("SELECT last FROM state").get
            behind: int = db.execute("SELECT count(*) FROM message WHERE id > ?", (last,)).get
    except apsw.Error as exc:
        raise UnusableStoreError(f"{path} cannot be read: {exc}.") from None
    return behind


@contextmanager
def open_store(path: Path) -> Generator[SqliteStore]:
    """Open the database at `path`, created or migrated as needed. Raises StartError."""
    try:
        path.touch(mode=0o600)
        with closing(apsw.Connection(str(path))) as db:
            configure(db, "power")
            migrate(db)
            yield SqliteStore(db)
    except (OSError, apsw.CantOpenError):
        raise UnusableStoreError(
            f"Cannot open {path}. Check that this user can read and write its folder."
        ) from None


@contextmanager
def _opened(path: Path) -> Generator[apsw.Connection]:
    # Writable as well: a reader beside a writer marks its snapshot in the -shm file.
    with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as db:
        yield db


def _check_sound(db: apsw.Connection) -> None:
    verdict = db.pragma("integrity_check")
    if verdict != "ok":
        raise UnusableStoreError(f"{db.filename} is damaged: {verdict}. Restore a backup.")
