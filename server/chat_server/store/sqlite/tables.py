"""The tables of a database file as they are: read from one that no server uses, or made anew."""

import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

import apsw

from chat_server.errors import UnusableStoreError
from chat_server.store.sqlite.database import migrate, version_of
from chat_server.store.sqlite.failures import usable
from chat_server.store.sqlite.schema import VERSION
from chat_server.store.sqlite.transaction import snapshot, transaction
from chat_server.store.tables import PORTION, Row, Table

_SIDE_FILES: Final = ("-wal", "-shm", "-journal")

_TABLES: Final = (
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
)
_COLUMNS: Final = "SELECT name FROM pragma_table_info(?) ORDER BY cid"
_COUNTED: Final = (  # tables that never give an id twice
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
)


@contextmanager
def open_tables(path: Path) -> Generator["SqliteTables"]:
    """Open the database at `path` for reading only. Raises UnusableStoreError.

    The caller keeps servers from it.
    """
    with usable(path), closing(apsw.Connection(_read_only(path), flags=_FLAGS)) as db, snapshot(db):
        if version_of(db) != VERSION:
            raise UnusableStoreError(
                f"{path} was written by an older chat-server. "
                "Start this version with it once, stop it, and try again."
            )
        yield SqliteTables(db)


_FLAGS: Final = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI


def _read_only(path: Path) -> str:
    """Return the URI by which nothing is written beside `path` either, if possible.

    It is not where a server was killed, since its log must be read as well.
    """
    alone = not any(path.with_name(path.name + suffix).exists() for suffix in _SIDE_FILES)
    return f"{path.absolute().as_uri()}?{'immutable=1' if alone else 'mode=ro'}"


@contextmanager
def new_tables(path: Path) -> Generator["SqliteTables"]:
    """Make a database, which has the name `path` if the block ends well, and is gone otherwise.

    Raises UnusableStoreError. The caller keeps servers, and others that make one, from it.
    """
    _check_new(path)
    unfinished = path.with_name(f"{path.name}.unfinished")
    with usable(path):
        unfinished.unlink(missing_ok=True)  # of a process that was killed
        unfinished.touch(mode=0o600)
        try:
            with closing(apsw.Connection(str(unfinished))) as db:
                yield from _filled(db)
            unfinished.replace(path)
            _sync_folder(path.parent)
        finally:
            unfinished.unlink(missing_ok=True)


def _check_new(path: Path) -> None:
    """Raise UnusableStoreError if there is a database, or what SQLite would take for its log."""
    for suffix in ("", *_SIDE_FILES):
        file = path.with_name(path.name + suffix)
        if os.path.lexists(file):
            raise UnusableStoreError(f"{file} already exists. Choose another data folder.")


def _filled(db: apsw.Connection) -> Iterator["SqliteTables"]:
    # In memory: a file that is not whole is thrown away.
    db.pragma("journal_mode", "memory")
    migrate(db)
    with transaction(db):
        made = SqliteTables(db)
        for table in made.tables():
            db.execute(f'DELETE FROM "{table.name}"')  # noqa: S608 - of our schema
        yield made
        if missing := db.execute("PRAGMA foreign_key_check").fetchone():
            raise UnusableStoreError(
                f"The source is damaged: a row of {missing[0]} belongs to one of {missing[2]} "
                "that is missing. Restore a backup of it."
            )


def _sync_folder(folder: Path) -> None:
    """Write the names of its files to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class SqliteTables:
    """`NewTables` on a connection in a transaction."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def tables(self) -> list[Table]:
        # In any order: what refers to what is checked at the end.
        return [
            Table(name, tuple(_names(self._db, _COLUMNS, name)))
            for name in _names(self._db, _TABLES)
        ]

    def count(self, table: Table) -> int:
        count: int = self._db.execute(f'SELECT count(*) FROM "{table.name}"').get  # noqa: S608
        return count

    def portions(self, table: Table) -> Iterator[list[Row]]:
        # Nearly as the other one will keep them, which makes its indexes faster.
        query = f'SELECT {_columns(table)} FROM "{table.name}" ORDER BY 1'  # noqa: S608
        cursor = self._db.cursor()
        cursor.execute(query)
        while rows := list(islice(cursor, PORTION)):
            yield rows

    def last_ids(self) -> dict[str, int]:
        given = dict(self._db.execute("SELECT name, seq FROM sqlite_sequence"))
        for table in self.tables():
            if "id" in table.columns:
                last = self._db.execute(f'SELECT max(id) FROM "{table.name}"').get  # noqa: S608
                given[table.name] = max(last or 0, given.get(table.name, 0))
        return given

    def kept(self, row: Row) -> Row:
        return row

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        values = ", ".join("?" * len(table.columns))
        self._db.executemany(
            f'INSERT INTO "{table.name}" ({_columns(table)}) VALUES ({values})',  # noqa: S608
            rows,
        )

    def set_last_ids(self, ids: Mapping[str, int]) -> None:
        # The other tables go on behind their highest id, as ever.
        for name in _names(self._db, _COUNTED):
            if last := ids.get(name):
                self._db.execute("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
                self._db.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (name, last))


def _columns(table: Table) -> str:
    return ", ".join(f'"{column}"' for column in table.columns)


def _names(db: apsw.Connection, query: str, *values: str) -> list[str]:
    return [f"{name}" for (name,) in db.execute(query, values)]
