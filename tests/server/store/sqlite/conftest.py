"""A store in a file."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from chat_server.store.sqlite.database import configure, migrate
from chat_server.store.sqlite.store import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


@pytest.fixture
def db(path: Path) -> Iterator[apsw.Connection]:
    with closing(apsw.Connection(str(path))) as db:
        configure(db, "process")
        migrate(db)
        yield db


@pytest.fixture
def store(db: apsw.Connection) -> SqliteStore:
    return SqliteStore(db)
