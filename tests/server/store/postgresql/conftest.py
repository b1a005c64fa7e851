"""A store in PostgreSQL."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from chat_server.store.postgresql.connection import PostgresqlConnection
from chat_server.store.postgresql.database import connect, migrate
from chat_server.store.postgresql.queries import Database
from support.postgresql import empty_database


@pytest.fixture
def url() -> Iterator[str]:
    """The URL of an empty database."""
    with empty_database() as url:
        yield url


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    """A connection to a database with tables, which is gone afterwards."""
    with connect(url) as db:
        migrate(db)
        yield db


@pytest.fixture
def connection(db: Database) -> Iterator[PostgresqlConnection]:
    with closing(PostgresqlConnection(db)) as connection:
        yield connection
