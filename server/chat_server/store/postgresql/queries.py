"""What psycopg does in two steps and every subject needs in one.

A statement is a round trip to another machine: what is done for many rows is one statement, with
its values as arrays.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import psycopg

Database: TypeAlias = psycopg.Connection[tuple[Any, ...]]
Values: TypeAlias = Sequence[object] | Mapping[str, object]


def first(db: Database, query: str, values: Values = ()) -> tuple[Any, ...] | None:
    """Return the first row of a query, if there is one."""
    return _execute(db, query, values).fetchone()


def value(db: Database, query: str, values: Values = ()) -> Any:
    """Return the first column of the first row of a query; None without one."""
    row = first(db, query, values)
    return row[0] if row else None


def values_of(db: Database, query: str, values: Values = ()) -> list[Any]:
    """Return the first column of every row of a query."""
    return [row[0] for row in _execute(db, query, values)]


def rows(db: Database, query: str, values: Values = ()) -> list[tuple[Any, ...]]:
    """Return every row of a query."""
    return _execute(db, query, values).fetchall()


def change(db: Database, query: str, values: Values = ()) -> int:
    """Run a statement; return how many rows it has changed."""
    return _execute(db, query, values).rowcount


def columns(table: Iterable[Sequence[object]], number: int) -> list[list[object]]:
    """Return the `number` columns of the rows of `table`, each an array for `unnest`."""
    return [list(column) for column in zip(*table, strict=True)] or [[] for _ in range(number)]


def stored_text(text: str) -> str:
    """Return `text` as it is stored: PostgreSQL has no NUL, which only nonces and drafts can have.

    Besides, names of strangers are looked up before they are checked.
    """
    return text.replace("\0", "\N{SYMBOL FOR NULL}")


def _execute(db: Database, query: str, values: Values) -> psycopg.Cursor[tuple[Any, ...]]:
    # Without values, `%` is no placeholder.
    return db.execute(query, values or None)
