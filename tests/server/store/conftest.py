"""A store on each engine, with two accounts in it."""

from collections.abc import Iterator

import pytest

from chat_server.store.api import AccountRecord, Store
from support.engines import ENGINES, Database, Engine


@pytest.fixture(scope="session", params=ENGINES, ids=lambda engine: engine.name)
def engine(request: pytest.FixtureRequest) -> Engine:
    engine: Engine = request.param
    return engine


@pytest.fixture
def database(engine: Engine) -> Iterator[Database]:
    with engine.database() as database:
        yield database


@pytest.fixture
def store(database: Database) -> Store:
    return database.store


@pytest.fixture
def ada(store: Store) -> AccountRecord:
    return store.add_account("ada", "Ada", "hash", at=1)


@pytest.fixture
def ben(store: Store) -> AccountRecord:
    return store.add_account("ben", "Ben", "hash", at=2)
