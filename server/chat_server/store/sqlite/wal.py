"""The write-ahead log of a database: what was written lately, also what was erased since."""

import apsw


def empty_log(db: apsw.Connection) -> None:
    """Put what stands in the log in its place, and empty it, unless somebody reads from it.

    SQLite does the first by itself and writes over the rest when more is written:
    where little is said, a text that was taken back could be found there for weeks.
    """
    patience = db.pragma("busy_timeout")
    db.set_busy_timeout(0)  # a backup may read for minutes, and whoever posts must not wait for it
    try:
        # `main`: to the index of words the database of messages is attached.
        db.execute("PRAGMA main.wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        db.set_busy_timeout(patience)
