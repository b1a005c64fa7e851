"""A database file: how a connection is set up, brought to this version, and backed up.

WAL mode. A commit is on disk when it returns (`synchronous=FULL`), or at least
with the kernel (`NORMAL`), depending on the durability.
"""

from pathlib import Path
from typing import Final

import apsw

from chat_server.config import Durability
from chat_server.errors import UnusableStoreError
from chat_server.store.sqlite.schema import MIGRATIONS, VERSION
from chat_server.store.sqlite.transaction import transaction

_BUSY_TIMEOUT: Final = 5_000  # milliseconds to wait for another process (a backup, a shell)
_SYNCHRONOUS: Final[dict[Durability, str]] = {"power": "FULL", "process": "NORMAL"}


def configure(db: apsw.Connection, durability: Durability) -> None:
    """Make `db` durable and strict. Raises UnusableStoreError if it is not a database."""
    db.set_busy_timeout(_BUSY_TIMEOUT)
    try:
        db.pragma("journal_mode", "wal")
    except apsw.NotADBError:
        raise UnusableStoreError(
            f"{db.filename} is not a chat database. "
            "Choose another data folder with --data, or move the file away."
        ) from None
    db.pragma("synchronous", _SYNCHRONOUS[durability])
    db.pragma("foreign_keys", True)
    # Deleted texts are overwritten: users expect them to be gone, and it costs next to nothing.
    db.pragma("secure_delete", True)


def migrate(db: apsw.Connection) -> None:
    """Bring the tables to this version, in one transaction, after a backup beside the file.

    Raises UnusableStoreError for a file that a newer version has written.
    """
    version = db.pragma("user_version")
    if version > VERSION:
        raise newer_version(db.filename)
    if version == VERSION:
        return
    if version:
        back_up(db, Path(f"{db.filename}.v{version}"))
    with transaction(db):
        for script in MIGRATIONS[version:]:
            db.execute(script).fetchall()
        db.pragma("user_version", VERSION)


def newer_version(file: Path | str) -> UnusableStoreError:
    """Return the error about a `file` that a newer version has written."""
    return UnusableStoreError(
        f"{file} was written by a newer chat-server. "
        "Install that version or later, or choose another folder with --data."
    )


def back_up(db: apsw.Connection, target: Path) -> None:
    """Write a consistent copy of `db` to `target` while others go on writing."""
    target.touch(mode=0o600)
    with apsw.Connection(str(target)) as copy, copy.backup("main", db, "main") as backup:
        backup.step(-1)
