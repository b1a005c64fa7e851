"""One transaction, as the store's threads run it: the loop goes on while the disk works.

Not `with db:`. That commits inside of a call that keeps the interpreter's lock,
and with it everybody waits for the disk: the event loop too.
"""

from collections.abc import Generator
from contextlib import contextmanager

import apsw


@contextmanager
def transaction(db: apsw.Connection) -> Generator[None]:
    """Make what is done inside happen whole or not at all. Not to be nested.

    Another process that writes is waited for at the beginning: whoever had read
    first and then wanted to write would be refused without any waiting.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # A full disk has ended it already, and what has ended cannot be ended.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
