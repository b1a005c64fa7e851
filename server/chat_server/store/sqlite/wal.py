"""The write-ahead log of a database, which holds recent writes and what was erased since."""

from typing import Final

import apsw

_PATIENCE: Final = 20  # milliseconds, as a slow commit: for many short reads, one after the other


def truncate_wal(db: apsw.Connection) -> bool:
    """Move the log's content into the database and empty it, unless a reader uses it.

    Return whether it is empty.

    SQLite does the first by itself and overwrites the rest when more is written:
    on a quiet server a deleted text could be found there for weeks.
    """
    patience = db.pragma("busy_timeout")
    # A backup may read for minutes, and messages must not wait for it.
    db.set_busy_timeout(_PATIENCE)
    try:
        # `main`: the search index has the database of messages attached.
        busy, *_ = db.execute("PRAGMA main.wal_checkpoint(TRUNCATE)").get
    finally:
        db.set_busy_timeout(patience)
    return not busy
