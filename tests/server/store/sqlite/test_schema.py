"""A database is made, brought up to this version, or refused; never half of it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from chat_server.errors import UnusableStoreError
from chat_server.store.sqlite.schema import MIGRATIONS, VERSION
from chat_server.store.sqlite.store import SqliteStore, configure, migrate


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


@pytest.fixture
def db(path: Path) -> Iterator[apsw.Connection]:
    with closing(apsw.Connection(str(path))) as db:
        configure(db, "process")
        yield db


def _make_version(db: apsw.Connection, version: int) -> None:
    """Make what a server of `version` would have left, with an account in it."""
    for script in MIGRATIONS[:version]:
        db.execute(script).fetchall()
    db.execute("INSERT INTO account (key, name, password, created) VALUES ('ada', 'Ada', 'h', 1)")
    db.pragma("user_version", version)


def _tables(db: apsw.Connection) -> set[str]:
    return {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


def test_a_new_database_has_this_version_and_no_backup(db: apsw.Connection, path: Path) -> None:
    migrate(db)

    assert db.pragma("user_version") == VERSION == len(MIGRATIONS)
    assert {"account", "token", "room", "member", "message"} <= _tables(db)
    assert not list(path.parent.glob("*.v*"))


def test_to_migrate_twice_does_nothing(db: apsw.Connection) -> None:
    migrate(db)
    before = list(db.execute("SELECT sql FROM sqlite_schema"))
    migrate(db)

    assert list(db.execute("SELECT sql FROM sqlite_schema")) == before


@pytest.mark.parametrize("version", range(1, VERSION))
def test_an_older_one_is_migrated_after_a_backup_beside_it(
    db: apsw.Connection, path: Path, version: int
) -> None:
    _make_version(db, version)

    migrate(db)

    assert db.pragma("user_version") == VERSION
    assert SqliteStore(db).account("ada") is not None
    backup = path.with_name(f"chat.db.v{version}")
    with closing(apsw.Connection(str(backup))) as copy:
        assert copy.pragma("user_version") == version
        assert list(copy.execute("SELECT name FROM account")) == [("Ada",)]


@pytest.mark.parametrize("version", range(1, VERSION))
def test_an_older_one_ends_as_a_new_one_begins(
    db: apsw.Connection, tmp_path: Path, version: int
) -> None:
    _make_version(db, version)
    migrate(db)
    with closing(apsw.Connection(str(tmp_path / "new.db"))) as new:
        migrate(new)

        assert _tables(db) == _tables(new)
        for table in _tables(db):
            columns = f"SELECT name, type, dflt_value FROM pragma_table_info('{table}')"
            assert set(db.execute(columns)) == set(new.execute(columns))


def test_a_migration_that_fails_changes_nothing(
    db: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = "CREATE TABLE half (a); SELECT no_such_function();"
    monkeypatch.setattr("chat_server.store.sqlite.store.MIGRATIONS", [*MIGRATIONS, broken])
    monkeypatch.setattr("chat_server.store.sqlite.store.VERSION", VERSION + 1)
    _make_version(db, VERSION)

    with pytest.raises(apsw.SQLError):
        migrate(db)

    assert db.pragma("user_version") == VERSION
    assert "half" not in _tables(db)


def test_a_newer_one_is_refused_with_a_sentence_and_left_alone(
    db: apsw.Connection, path: Path
) -> None:
    db.pragma("user_version", VERSION + 1)
    with pytest.raises(UnusableStoreError) as caught:
        migrate(db)

    assert str(caught.value) == (
        f"{path} was written by a newer chat-server "
        f"(version {VERSION + 1}; this one knows {VERSION}). "
        "Install that one, or use another folder."
    )
    assert _tables(db) == set()


def test_a_file_that_is_no_database_is_refused_with_a_sentence(path: Path) -> None:
    path.write_text("Dear diary, " * 1_000)
    with (
        closing(apsw.Connection(str(path))) as db,
        pytest.raises(UnusableStoreError, match="is not a chat database"),
    ):
        configure(db, "power")

    assert path.read_text().startswith("Dear diary, ")
