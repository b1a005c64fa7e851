"""Many rows in one statement.

Each step of a statement releases the interpreter's lock and has to get it back from
a busy event loop, which takes milliseconds: a thousand reconnects at once, row by
row, would keep messages waiting for seconds.
"""

from collections.abc import Collection, Sequence

import apsw
import msgspec


def as_json(rows: Collection[object]) -> str:
    """Return `rows` as `json_each` takes them, so that any number of them is one statement."""
    return msgspec.json.encode(rows).decode()


def update_rows(db: apsw.Connection, statement: str, rows: Sequence[tuple[int | str, ...]]) -> None:
    """Run `statement`, which reads `rows` as the JSON array of its only parameter."""
    db.execute(statement, (as_json(rows),))
