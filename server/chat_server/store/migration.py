"""Copies a store into an empty one on another engine, and compares the two."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from chat_server.errors import StartError
from chat_server.store.tables import NewTables, Row, Table, Tables

_DIGEST: Final = 8  # bytes; enough against accidents


@dataclass(frozen=True, slots=True)
class Summary:
    """What a table contains. Rows have no order, so `checksum` is a sum over them."""

    rows: int
    checksum: int


@dataclass(frozen=True, slots=True)
class Comparison:
    table: str
    source: Summary
    copy: Summary

    @property
    def equal(self) -> bool:
        return self.source == self.copy


def copy_store(
    source: Tables, target: NewTables, report: Callable[[float], None]
) -> list[Comparison]:
    """Copy every row of every table, then read all of the copy and compare it.

    `report` is called with the part that is done, from 0 to 1. Raises StartError.
    """
    tables = _common_tables(source, target)
    counts = {table.name: source.count(table) for table in tables}
    progress = _Progress(2 * sum(counts.values()), report)
    sources = {
        table.name: Summary(counts[table.name], _copy(source, target, table, progress))
        for table in tables
    }
    target.set_last_ids(source.last_ids())
    copies = {
        table.name: Summary(target.count(table), _read_back(target, table, progress))
        for table in tables
    }
    return [Comparison(name, sources[name], copies[name]) for name in sources]


def _common_tables(source: Tables, target: NewTables) -> list[Table]:
    """Return the tables of both. Raises StartError if one has a table or column of its own."""
    tables = target.tables()
    if differing := _names(tables) ^ _names(source.tables()):
        raise StartError(
            f"The stores do not have the same tables and columns: only one has {min(differing)}. "
            "Remove from it what chat-server has not made."
        )
    return tables


def _names(tables: Iterable[Table]) -> set[str]:
    return {f"{table.name}.{column}" for table in tables for column in table.columns}


def _copy(source: Tables, target: NewTables, table: Table, progress: "_Progress") -> int:
    """Copy the rows of `table`; return the checksum that those of the copy must have."""
    checksum = 0
    for portion in source.portions(table):
        rows = [target.kept(row) for row in portion]
        target.insert(table, rows)
        checksum += _checksum(rows)
        progress.advance(len(rows))
    return _wrapped(checksum)


def _read_back(target: NewTables, table: Table, progress: "_Progress") -> int:
    checksum = 0
    for rows in target.portions(table):
        checksum += _checksum(rows)
        progress.advance(len(rows))
    return _wrapped(checksum)


def _checksum(rows: Iterable[Row]) -> int:
    # `repr` tells a text from bytes, a number and NULL, and where each of them ends.
    return sum(
        int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=_DIGEST).digest())
        for row in rows
    )


def _wrapped(checksum: int) -> int:
    return checksum % (1 << 8 * _DIGEST)


class _Progress:
    def __init__(self, total: int, report: Callable[[float], None]) -> None:
        self._total = total
        self._report = report
        self._done = 0

    def advance(self, rows: int) -> None:
        self._done += rows
        self._report(min(self._done / self._total, 1))
