"""A database is set up, brought to this version, or refused; never half of it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from chat_server.errors import UnusableStoreError
from chat_server.store.api import AccountState, AuditDraft, AuditRecord, Draft, Expiry, InviteRecord
from chat_server.store.sqlite import database
from chat_server.store.sqlite.database import back_up, configure, copy_into, migrate
from chat_server.store.sqlite.offline import open_store
from chat_server.store.sqlite.schema import MIGRATIONS, VERSION
from chat_server.store.sqlite.store import SqliteStore
from support.posts import post


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


@pytest.fixture
def db(path: Path) -> Iterator[apsw.Connection]:
    with closing(apsw.Connection(str(path))) as db:
        configure(db, "process")
        yield db


def _make_version(db: apsw.Connection, version: int) -> None:
    """Create the database of a server of `version`, with an account in it."""
    for script in MIGRATIONS[:version]:
        db.execute(script).fetchall()
    db.execute("INSERT INTO account (key, name, password, created) VALUES ('ada', 'Ada', 'h', 1)")
    db.pragma("user_version", version)


def _tables(db: apsw.Connection) -> set[str]:
    return {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


def _indexes(db: apsw.Connection) -> set[tuple[str, str]]:
    return set(db.execute("SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index'"))


def test_a_new_database_has_this_version_and_no_backup(db: apsw.Connection, path: Path) -> None:
    migrate(db)

    assert db.pragma("user_version") == VERSION == len(MIGRATIONS)
    assert {"account", "token", "room", "member", "message"} <= _tables(db)
    assert not list(path.parent.glob("*.v*"))


def test_migrating_twice_does_nothing(db: apsw.Connection) -> None:
    migrate(db)
    before = list(db.execute("SELECT sql FROM sqlite_schema"))
    migrate(db)

    assert list(db.execute("SELECT sql FROM sqlite_schema")) == before


@pytest.mark.parametrize("version", range(1, VERSION))
def test_an_older_database_is_migrated_after_a_backup_beside_it(
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
def test_a_migrated_database_has_the_schema_of_a_new_one(
    db: apsw.Connection, tmp_path: Path, version: int
) -> None:
    _make_version(db, version)
    migrate(db)
    with closing(apsw.Connection(str(tmp_path / "new.db"))) as new:
        migrate(new)

        assert _tables(db) == _tables(new)
        assert _indexes(db) == _indexes(new)
        for table in _tables(db):
            columns = f"SELECT name, type, dflt_value FROM pragma_table_info('{table}')"
            assert set(db.execute(columns)) == set(new.execute(columns))
            keys = f'SELECT "from", "table", on_delete FROM pragma_foreign_key_list(\'{table}\')'
            assert set(db.execute(keys)) == set(new.execute(keys))


def test_invitations_to_rooms_from_before_they_had_authors_are_the_owners(
    db: apsw.Connection,
) -> None:
    _make_version(db, 11)
    db.execute(
        "INSERT INTO room (key, name, owner, password, created) VALUES"
        " ('kitchen', 'kitchen', 1, 'h', 1), ('cellar', 'cellar', NULL, 'h', 1);"
        "INSERT INTO room_invite VALUES (x'01', 2, 604800009), (x'02', 3, 604800009)"
    ).fetchall()

    migrate(db)

    store = SqliteStore(db)
    assert store.room_invites(2, None, 10) == [InviteRecord(1, "Ada", 9, 604800009)]
    assert store.invited_room(b"\x01", 10) == 2
    assert store.invited_room(b"\x02", 10) is None


def test_the_backup_has_its_name_once_it_is_whole(
    db: apsw.Connection, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _make_version(db, 1)
    backup, unfinished = path.with_name("chat.db.v1"), path.with_name("chat.db.v1.unfinished")
    unfinished.write_text("half of one whose making was killed")
    backup.write_text("an earlier one")
    made: list[str] = []

    def make(source: apsw.Connection, target: Path, report: Callable[[float], None]) -> None:
        made.append(backup.read_text())
        copy_into(source, target, report)
        made.append(backup.read_text())

    monkeypatch.setattr(database, "copy_into", make)
    migrate(db)

    assert made == ["an earlier one"] * 2
    assert not unfinished.exists()
    with closing(sqlite3.connect(backup)) as copy:
        assert copy.execute("SELECT name FROM account").fetchall() == [("Ada",)]


def test_a_migration_that_fails_changes_nothing(
    db: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = "CREATE TABLE half (a); SELECT no_such_function();"
    monkeypatch.setattr("chat_server.store.sqlite.database.MIGRATIONS", [*MIGRATIONS, broken])
    monkeypatch.setattr("chat_server.store.sqlite.database.VERSION", VERSION + 1)
    _make_version(db, VERSION)

    with pytest.raises(apsw.SQLError):
        migrate(db)

    assert db.pragma("user_version") == VERSION
    assert "half" not in _tables(db)


def test_a_newer_database_is_refused_with_a_message_and_left_alone(
    db: apsw.Connection, path: Path
) -> None:
    db.pragma("user_version", VERSION + 1)
    with pytest.raises(UnusableStoreError) as caught:
        migrate(db)

    assert str(caught.value) == (
        f"{path} was written by a newer chat-server. "
        "Install that version or later, or choose another folder with --data."
    )
    assert _tables(db) == set()


def test_a_file_that_is_no_database_is_refused_with_a_message(path: Path) -> None:
    path.write_text("Dear diary, " * 1_000)
    with (
        pytest.raises(UnusableStoreError, match=r"is not a chat database\. Choose another"),
        open_store(path),
    ):
        pass

    assert path.read_text().startswith("Dear diary, ")


@pytest.mark.parametrize(("durability", "synchronous"), [("power", 2), ("process", 1)])
def test_durability_decides_what_a_commit_waits_for(
    tmp_path: Path, durability: str, synchronous: int
) -> None:
    with closing(apsw.Connection(str(tmp_path / "x.db"))) as db:
        configure(db, durability)  # type: ignore[arg-type]  # a parameter of this test

        assert db.pragma("synchronous") == synchronous
        assert db.pragma("journal_mode") == "wal"
        assert db.pragma("foreign_keys") == 1


def test_a_backup_holds_everything_that_was_committed(db: apsw.Connection, tmp_path: Path) -> None:
    migrate(db)
    store = SqliteStore(db)
    post(store, store.add_account("ada", "Ada", "hash", at=1), "text of n")
    back_up(db, tmp_path / "copy.db")

    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT seq, text FROM message").fetchall() == [(1, "text of n")]
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_members_from_before_read_positions_have_read_everything(tmp_path: Path) -> None:
    with closing(apsw.Connection(str(tmp_path / "old.db"))) as db:
        configure(db, "process")
        for script in MIGRATIONS[:3]:
            db.execute(script).fetchall()
        db.execute("INSERT INTO account (key, name, password, created) VALUES ('a', 'A', '', 1)")
        db.execute(
            "INSERT INTO room (key, name, password, created, last_seq) VALUES ('k', 'K', '', 1, 42)"
        )
        db.execute("INSERT INTO member VALUES (1, 1, 1), (1, 2, 1)").fetchall()
        db.execute("UPDATE room SET last_seq = 7 WHERE id = 1")
        db.pragma("user_version", 3)
        migrate(db)

        assert db.pragma("user_version") == VERSION
        assert SqliteStore(db).account_state(1) == AccountState("", {1: 7, 2: 42})


def test_the_newest_times_of_an_older_database_are_where_the_next_begin(
    db: apsw.Connection,
) -> None:
    _make_version(db, 8)
    db.execute("INSERT INTO room (id, key, name, password, created) VALUES (2, 'k', 'K', '', 1)")
    db.execute("UPDATE room SET last_seq = 2 WHERE id = 1")
    rows = "(1, 1, 1, 50, 'n', 'one', ''), (1, 2, 1, 40, 'm', 'two', '')"
    db.execute(f"INSERT INTO message (room, seq, author, at, nonce, text, change) VALUES {rows}")

    migrate(db)

    store = SqliteStore(db)
    assert store.expiry() == Expiry(0)
    (general, kitchen) = store.append([Draft(1, 1, "x", "o"), Draft(2, 1, "x", "p")], at=30)
    assert (general.at, kitchen.at) == (40, 30)


def test_renamed_tables_keep_their_rows_ids_indexes_and_keys(db: apsw.Connection) -> None:
    _make_version(db, 7)
    db.execute("INSERT INTO guess VALUES (x'01', 3, 7), (x'02', 1, 9)").fetchall()
    db.execute("INSERT INTO room (id, key, name, password, created) VALUES (2, 'k', 'K', '', 1)")
    db.execute(
        "INSERT INTO act VALUES (41, 2, 5, 1, 'mute', 1, 60, 'spam'), (42, 2, 6, 1, 'x', 1, 0, '')"
    ).fetchall()
    db.execute("DELETE FROM act WHERE id = 42")

    migrate(db)

    store = SqliteStore(db)
    assert store.login_attempts(b"\x01") == (3, 7)
    assert store.login_attempts(b"\x02") == (1, 9)
    recorded = AuditRecord(41, 5, "Ada", "mute", "Ada", 60, "spam")
    assert store.audit_entries(2, 99, 9) == [recorded]
    assert store.set_topic(AuditDraft(2, 1, "topic", at=8, target=1), "soup") == 43
    assert {("login_attempt_at", "login_attempt"), ("audit_room", "audit")} <= _indexes(db)
    assert not {"guess", "act"} & _tables(db)
    assert not list(db.execute("PRAGMA foreign_key_check"))
    db.execute("DELETE FROM room WHERE id = 2")  # takes its entries with it, as it did
    assert store.audit_entries(2, 99, 9) == []
    with pytest.raises(apsw.ConstraintError):
        db.execute("INSERT INTO audit VALUES (50, 1, 1, 99, 'mute', 1, 0, '')")
