"""A store as plain tables, for a copy of it in another engine. What is in them is not known here.

Which tables and columns there are is read from the database, so that none can be forgotten.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

Row: TypeAlias = tuple[int | str | bytes | None, ...]

# Rows that are in memory at once: 80 MB if all are the longest messages, and up to four times that
# in a script other than Latin.
PORTION: Final = 10_000


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: tuple[str, ...]  # `id`, if there is one, is given by the engine to each new row


class Tables(Protocol):
    """All that is worth keeping of a store, as of one moment.

    What goes wrong in the database is turned into a StartError by what has opened it.
    """

    def tables(self) -> list[Table]:
        """Return all tables, those that others refer to before these."""

    def count(self, table: Table) -> int:
        """Return how many rows `table` has."""

    def portions(self, table: Table) -> Iterator[list[Row]]:
        """Yield all rows of `table`, PORTION at a time. One table at a time."""

    def last_ids(self) -> dict[str, int]:
        """Return the highest id that each table has given to a row, also to one that is gone."""


class NewTables(Tables, Protocol):
    """The tables of a new store, without any rows."""

    def kept(self, row: Row) -> Row:
        """Return what will be read where `row` was inserted."""

    def insert(self, table: Table, rows: Sequence[Row]) -> None: ...

    def set_last_ids(self, ids: Mapping[str, int]) -> None:
        """Give new rows ids above these, where the engine keeps account of that."""
