"""One transaction, as the store's threads run it: the loop goes on while the disk works.

Not `with db:`. That commits inside a call that holds the interpreter's lock, so
every thread waits for the disk, the event loop too.
"""

from collections.abc import Generator
from contextlib import contextmanager

import apsw


def in_transaction(db: apsw.Connection) -> bool:
    """Return whether a transaction has begun on `db`."""
    return db.in_transaction


@contextmanager
def transaction(db: apsw.Connection) -> Generator[None]:
    """Run what is inside whole or not at all. Not to be nested.

    Waits at the beginning for another process that writes: a transaction that
    reads first and writes later would be refused without waiting.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # A full disk has rolled it back already, and a second ROLLBACK is an error.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextmanager
def snapshot(db: apsw.Connection) -> Generator[None]:
    """Let all that is read inside be of one moment, whatever is written meanwhile."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        if db.in_transaction:  # an error of the disk may have ended it
            db.execute("ROLLBACK")
