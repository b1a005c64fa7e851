"""The tables of a database as they are: read while no server uses it, or made in an empty one."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from graphlib import TopologicalSorter
from typing import Final

from chat_server.errors import UnusableStoreError
from chat_server.store.postgresql.database import connect, upgrade, version_of
from chat_server.store.postgresql.failures import usable
from chat_server.store.postgresql.leadership import check_server, take_lock
from chat_server.store.postgresql.queries import Database, rows, stored_text, value
from chat_server.store.postgresql.schema import VERSION
from chat_server.store.postgresql.transaction import snapshot, transaction
from chat_server.store.tables import PORTION, Row, Table

# About the servers on this database: no part of what they store.
OWN_TABLES: Final = ("version", "leader")

_COLUMNS: Final = (
    "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position)"
    " FROM information_schema.columns"
    " JOIN information_schema.tables USING (table_schema, table_name)"
    " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
    " AND table_name <> ALL(%s) GROUP BY table_name"
)
_REFERENCES: Final = (
    "SELECT source.relname, target.relname FROM pg_constraint"
    " JOIN pg_class AS source ON source.oid = conrelid"
    " JOIN pg_class AS target ON target.oid = confrelid"
    " WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
    " AND conrelid <> confrelid"
)
_LAST_GIVEN: Final = "SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, 'id'))"
_GIVE_NEXT: Final = "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)"

# Even at the end of a copy that takes hours; and what it says is whole is on the disk.
_SETTINGS: Final = """
    SET statement_timeout = 0;
    SET idle_in_transaction_session_timeout = 0;
    SET synchronous_commit = on;
"""


@contextmanager
def open_tables(url: str) -> Generator["PostgresqlTables"]:
    """Open the database at `url` for reading only, and keep servers from it.

    Raises UnusableStoreError.
    """
    with _alone(url) as db, snapshot(db):
        version = version_of(db)
        if not version:
            raise UnusableStoreError(f"The database {db.info.dbname} is empty. Choose another one.")
        if version != VERSION:
            raise UnusableStoreError(
                f"The database {db.info.dbname} was written by an older chat-server. "
                "Start this version with it once, stop it, and try again."
            )
        yield PostgresqlTables(db)


@contextmanager
def new_tables(url: str) -> Generator["PostgresqlTables"]:
    """Make the tables in the empty database at `url`, and keep servers from it.

    They are there if the block ends well; otherwise the database is as empty as it was, whatever
    ends the process. Raises UnusableStoreError.
    """
    with _alone(url) as db, transaction(db):
        if version_of(db):
            raise UnusableStoreError(
                f"The database {db.info.dbname} already has a store. Choose an empty one."
            )
        upgrade(db)
        made = PostgresqlTables(db)
        names = ", ".join(f'"{table.name}"' for table in made.tables())
        db.execute(f"TRUNCATE {names} RESTART IDENTITY")
        yield made
        db.execute(f"ANALYZE {names}")  # or the first queries would be planned for empty tables


@contextmanager
def _alone(url: str) -> Generator[Database]:
    """Connect to the database at `url` while no server uses it, and let none begin to."""
    with usable():
        db = connect(url)
    with closing(db), usable(db):
        check_server(db)
        db.execute(_SETTINGS)
        if not take_lock(db):
            raise UnusableStoreError(
                f"A chat-server is using the database {db.info.dbname}. Stop it first."
            )
        yield db


class PostgresqlTables:
    """`NewTables` on a connection in a transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def tables(self) -> list[Table]:
        columns = dict(rows(self._db, _COLUMNS, ([*OWN_TABLES],)))
        order: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(columns, ()))
        for name, referred in rows(self._db, _REFERENCES):
            order.add(name, referred)
        return [Table(name, tuple(columns[name])) for name in order.static_order()]

    def count(self, table: Table) -> int:
        count: int = value(self._db, f'SELECT count(*) FROM "{table.name}"')  # noqa: S608
        return count

    def portions(self, table: Table) -> Iterator[list[Row]]:
        # Nearly as the other one will keep them, which makes its indexes faster.
        query = f'SELECT {_columns(table)} FROM "{table.name}" ORDER BY 1'  # noqa: S608
        with self._db.cursor(name="portions") as cursor:
            cursor.execute(query)
            while portion := cursor.fetchmany(PORTION):
                yield portion

    def last_ids(self) -> dict[str, int]:
        return {table.name: self._last_id(table) for table in self._numbered()}

    def kept(self, row: Row) -> Row:
        return tuple(stored_text(each) if isinstance(each, str) else each for each in row)

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        statement = f'COPY "{table.name}" ({_columns(table)}) FROM STDIN'
        with self._db.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def set_last_ids(self, ids: Mapping[str, int]) -> None:
        for table in self._numbered():
            if last := ids.get(table.name):
                value(self._db, _GIVE_NEXT, (table.name, last))

    def _last_id(self, table: Table) -> int:
        given = value(self._db, _LAST_GIVEN, (table.name,))
        highest = value(self._db, f'SELECT max(id) FROM "{table.name}"')  # noqa: S608
        return max(given or 0, highest or 0)

    def _numbered(self) -> list[Table]:
        return [table for table in self.tables() if "id" in table.columns]


def _columns(table: Table) -> str:
    return ", ".join(f'"{column}"' for column in table.columns)
