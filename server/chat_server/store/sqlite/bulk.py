"""Many rows in one statement.

Each step of a statement releases the interpreter's lock and has to get it back from
a busy event loop, which takes milliseconds: a thousand reconnects at once, row by
row, would keep messages waiting for seconds.
"""

from collections.abc import Sequence

import apsw
import msgspec


def update_rows(db: apsw.Connection, statement: str, rows: Sequence[tuple[int | str, ...]]) -> None:
    """Run `statement`, which reads `rows` as the JSON array of its only parameter."""
    db.execute(statement, (msgspec.json.encode(rows).decode(),))
