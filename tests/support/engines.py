"""The engines that the store's contract is tested on, each as its tests need it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any, ClassVar

import apsw

from chat_server.store.api import Store
from chat_server.store.sqlite.connection import SqliteConnection
from chat_server.store.sqlite.database import configure, migrate
from chat_server.store.sqlite.store import SqliteStore
from chat_server.store.threads import Connection


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
    def refuse(self, verb: str, table: str) -> None:
        """Make every INSERT or DELETE (`verb`) of a row of `table` fail."""

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

    def refuse(self, verb: str, table: str) -> None:
        self.execute(
            f"CREATE TEMP TRIGGER fault BEFORE {verb} ON {table}"
            " BEGIN SELECT raise(ABORT, 'fault'); END"
        )

    def tables(self) -> list[str]:
        found = "SELECT name FROM sqlite_schema WHERE type = 'table'"
        return [name for (name,) in self.select(found)]


ENGINES: list[Engine] = [SqliteEngine()]
