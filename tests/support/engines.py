"""The engines that the store's contract is tested on, each as its tests need it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, closing, contextmanager
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Self, TypeAlias

import apsw
import psycopg

from chat_server.store.api import Store
from chat_server.store.postgresql.connection import PostgresqlConnection
from chat_server.store.postgresql.database import connect, migrate as migrate_postgresql
from chat_server.store.postgresql.storage import open_storage as open_postgresql
from chat_server.store.postgresql.store import PostgresqlStore
from chat_server.store.sqlite.connection import SqliteConnection
from chat_server.store.sqlite.database import configure, migrate
from chat_server.store.sqlite.storage import open_storage as open_sqlite
from chat_server.store.sqlite.store import SqliteStore
from chat_server.store.threads import Connection, Storage
from support.postgresql import empty_database, postgresql_url

Opener: TypeAlias = Callable[[], AbstractAsyncContextManager[Storage]]


class Database(ABC):
    """An empty store, and what is behind it. SQL has `?` for its values."""

    store: Store
    connection: Connection

    @abstractmethod
    def select(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""

    @abstractmethod
    def execute(self, sql: str, *values: object) -> None:
        """Run a statement that returns nothing."""

    @abstractmethod
    def statements(self, call: Callable[[], object]) -> list[str]:
        """Return the first word of every statement that `call` runs."""

    @abstractmethod
    def refusing(self, verb: str, table: str) -> AbstractContextManager[None]:
        """Make every INSERT or DELETE (`verb`) of a row of `table` fail inside the `with`."""

    @abstractmethod
    def tables(self) -> list[str]:
        """Return the names of all tables."""

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of every table."""
        return {name: self.select(f"SELECT * FROM {name}") for name in self.tables()}


class Engine(ABC):
    """A way to keep a store; `name` is that of its package."""

    name: ClassVar[str]
    store: ClassVar[type[Store]]

    @abstractmethod
    def database(self) -> AbstractContextManager[Database]:
        """Make a database, which is discarded at the end."""

    @abstractmethod
    def storage(self, folder: Path) -> AbstractContextManager[Opener]:
        """Make a database, in `folder` if it is a file; yield what opens it, each time."""

    def module(self, subject: str) -> str:
        """Return the name of the module that keeps the promises of this subject."""
        return f"chat_server.store.{self.name}.{subject}"


class SqliteEngine(Engine):
    name = "sqlite"
    store = SqliteStore

    @contextmanager
    def database(self) -> Iterator[Database]:
        with closing(apsw.Connection(":memory:")) as db:
            configure(db, "process")
            migrate(db)
            yield _SqliteDatabase(db)

    @contextmanager
    def storage(self, folder: Path) -> Iterator[Opener]:
        with TemporaryDirectory(dir=folder) as own:
            yield partial(open_sqlite, Path(own) / "chat.db", "process")


class _SqliteDatabase(Database):
    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self.store = SqliteStore(db)
        self.connection = SqliteConnection(db)

    def select(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return list(self._db.execute(sql, values))

    def execute(self, sql: str, *values: Any) -> None:
        self._db.execute(sql, values)

    def statements(self, call: Callable[[], object]) -> list[str]:
        statements: list[str] = []

        def trace(_: apsw.Cursor, statement: str, __: object) -> bool:
            statements.append(statement.partition(" ")[0])
            return True

        self._db.exec_trace = trace
        call()
        self._db.exec_trace = None
        return statements

    @contextmanager
    def refusing(self, verb: str, table: str) -> Iterator[None]:
        self.execute(
            f"CREATE TEMP TRIGGER fault BEFORE {verb} ON {table}"
            " BEGIN SELECT raise(ABORT, 'fault'); END"
        )
        yield
        self.execute("DROP TRIGGER fault")

    def tables(self) -> list[str]:
        found = "SELECT name FROM sqlite_schema WHERE type = 'table'"
        return [name for (name,) in self.select(found)]


class PostgresqlEngine(Engine):
    """One server and one connection for all tests of a process, emptied for each of them."""

    name = "postgresql"
    store = PostgresqlStore

    @contextmanager
    def database(self) -> Iterator[Database]:
        database = _postgresql_database()
        database.clear()
        yield database

    @contextmanager
    def storage(self, folder: Path) -> Iterator[Opener]:
        with empty_database() as url:
            yield partial(open_postgresql, url)


@cache
def _postgresql_database() -> "_PostgresqlDatabase":
    db = connect(postgresql_url())
    migrate_postgresql(db)
    return _PostgresqlDatabase(db)


class _PostgresqlDatabase(Database):
    def __init__(self, db: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._db = db
        self.store = PostgresqlStore(db)
        self.connection = PostgresqlConnection(db)

    def clear(self) -> None:
        """Leave what there is after `migrate`. Seven times as fast as TRUNCATE."""
        self._db.rollback()
        tables = [name for name in self.tables() if name != "version"]
        identities = [row[0] for row in self.select(_IDENTITIES)]
        self._db.execute(
            "SET session_replication_role = replica;"  # in any order, whatever refers to what
            + "".join(f"DELETE FROM {name};" for name in tables)
            + "".join(f"ALTER SEQUENCE {name} RESTART;" for name in identities)
            + "SET session_replication_role = origin;"
            "INSERT INTO room (key, name, password, created) VALUES ('general', 'general', '', 0);"
            "INSERT INTO expiry VALUES (0, 0)"
        )

    def select(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._db.execute(sql.replace("?", "%s"), values or None).fetchall()

    def execute(self, sql: str, *values: Any) -> None:
        self._db.execute(sql.replace("?", "%s"), values or None)

    def statements(self, call: Callable[[], object]) -> list[str]:
        statements: list[str] = []

        class Recording(psycopg.Cursor[tuple[Any, ...]]):
            def execute(self, query: Any, *args: Any, **kwargs: Any) -> Self:
                statements.append(query.split()[0])
                return super().execute(query, *args, **kwargs)

        self._db.cursor_factory = Recording
        call()
        self._db.cursor_factory = psycopg.Cursor
        return statements

    @contextmanager
    def refusing(self, verb: str, table: str) -> Iterator[None]:
        self.execute(
            "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql"
            f" AS $$ BEGIN RAISE 'fault'; END $$;"
            f"CREATE TRIGGER fault BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION fault()"
        )
        yield
        self.execute("DROP FUNCTION fault CASCADE")

    def tables(self) -> list[str]:
        found = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        return [name for (name,) in self.select(found)]


_IDENTITIES = "SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()"

ENGINES: list[Engine] = [SqliteEngine(), PostgresqlEngine()]
