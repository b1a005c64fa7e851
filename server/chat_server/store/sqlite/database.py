"""A database file: how a connection is set up, brought to this version, and backed up.

WAL mode. A commit is on disk when it returns (`synchronous=FULL`), or at least
with the kernel (`NORMAL`), depending on the durability.
"""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import apsw

from chat_server.config import Durability
from chat_server.errors import UnusableStoreError
from chat_server.store.sqlite.failures import NO_CHAT_DATABASE
from chat_server.store.sqlite.schema import MIGRATIONS, VERSION
from chat_server.store.sqlite.transaction import transaction

_STEP: Final = 1_000  # pages (4 MB) copied between two reports

_NAMES: Final = "SELECT name FROM sqlite_schema"  # of tables, and what belongs to them
_OLDEST_TABLES: Final = {"account", "token", "room", "member", "message"}  # of every version

_BUSY_TIMEOUT: Final = 5_000  # milliseconds to wait for another process (a backup, a shell)
_SYNCHRONOUS: Final[dict[Durability, str]] = {"power": "FULL", "process": "NORMAL"}


def configure(db: apsw.Connection, durability: Durability) -> None:
    """Make `db` durable and strict."""
    db.set_busy_timeout(_BUSY_TIMEOUT)
    db.pragma("journal_mode", "wal")
    db.pragma("synchronous", _SYNCHRONOUS[durability])
    db.pragma("foreign_keys", True)
    # Deleted texts are overwritten: users expect them to be gone, and it costs next to nothing.
    db.pragma("secure_delete", True)


def migrate(db: apsw.Connection) -> None:
    """Bring the tables to this version, in one transaction, after a backup beside the file.

    Raises UnusableStoreError for a file that a newer version or another program has written.
    """
    with transaction(db):  # waits for another program that writes, or says that there is one
        version = version_of(db)
    if version == VERSION:
        return
    if version:
        back_up(db, Path(f"{db.filename}.v{version}"))
    with transaction(db):
        for script in MIGRATIONS[version:]:
            db.execute(script).fetchall()
        db.pragma("user_version", VERSION)


def version_of(db: apsw.Connection) -> int:
    """Return the version of the tables, 0 if there are none.

    Raises UnusableStoreError for a file that a newer version or another program has written.
    """
    version: int = db.pragma("user_version")
    if version > VERSION:
        raise UnusableStoreError(
            f"{db.filename} was written by a newer chat-server. "
            "Install that version or later, or choose another folder with --data."
        )
    names = {name for (name,) in db.execute(_NAMES)}
    if version < 0 or not (names >= _OLDEST_TABLES if version else not names):
        raise UnusableStoreError(NO_CHAT_DATABASE.format(path=db.filename))
    return version


def back_up(db: apsw.Connection, target: Path) -> None:
    """Write a consistent copy of `db` to `target` while others go on writing.

    It has that name once it is whole, whatever ends the process meanwhile.
    """
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        copy_into(db, unfinished, lambda _: None)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def copy_into(db: apsw.Connection, target: Path, report: Callable[[float], None]) -> None:
    """Fill the empty file `target` with a copy of `db`, on disk and without side files.

    `report` is called with the part that is done, from 0 to 1.
    """
    with closing(apsw.Connection(str(target))) as copy:
        # In memory: a copy that is not whole is thrown away.
        copy.pragma("journal_mode", "memory")
        with copy.backup("main", db, "main") as backup:
            while not backup.done:
                backup.step(_STEP)
                report(1 - backup.remaining / max(backup.page_count, 1))
        copy.pragma("journal_mode", "delete")
