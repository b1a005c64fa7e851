"""The write-ahead log of a database, which holds recent writes and what was erased since."""

import apsw


def truncate_wal(db: apsw.Connection) -> None:
    """Move the log's content into the database and empty it, unless a reader uses it.

    SQLite does the first by itself and overwrites the rest when more is written:
    on a quiet server a deleted text could be found there for weeks.
    """
    patience = db.pragma("busy_timeout")
    db.set_busy_timeout(0)  # a backup may read for minutes, and messages must not wait for it
    try:
        # `main`: the search index has the database of messages attached.
        db.execute("PRAGMA main.wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        db.set_busy_timeout(patience)
