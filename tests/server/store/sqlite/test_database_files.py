"""Copies of a database are whole files that nobody else can read; other files are left alone."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from chat_server.errors import UnusableStoreError
from chat_server.store.sqlite import database
from chat_server.store.sqlite.database import back_up, configure, copy_into, migrate
from chat_server.store.sqlite.schema import VERSION
from support.full_disk import files_of_at_most

WORD = b"xyzzyplugh"


@pytest.fixture
def db(path: Path) -> Iterator[apsw.Connection]:
    with closing(apsw.Connection(str(path))) as db:
        configure(db, "process")
        yield db


@pytest.fixture
def open_umask() -> Iterator[None]:
    """As a service manager may set it: files are for everybody unless their maker says more."""
    before = os.umask(0)
    yield
    os.umask(before)


# --- copies


@pytest.mark.usefixtures("open_umask")
def test_a_backup_is_for_its_owner_only(db: apsw.Connection, tmp_path: Path) -> None:
    migrate(db)
    back_up(db, tmp_path / "copy.db")

    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600


def test_a_backup_that_fails_leaves_nothing_behind(db: apsw.Connection, tmp_path: Path) -> None:
    migrate(db)
    before = set(tmp_path.iterdir())

    with files_of_at_most(8_192), pytest.raises(apsw.Error):
        back_up(db, tmp_path / "copy.db")

    assert set(tmp_path.iterdir()) == before


def test_a_copy_is_one_file_that_can_be_read_where_nothing_can_be_written(
    db: apsw.Connection, tmp_path: Path
) -> None:
    migrate(db)
    folder = tmp_path / "copies"
    folder.mkdir()
    copy_into(db, folder / "copy.db", lambda _: None)

    with closing(sqlite3.connect(f"file:{folder / 'copy.db'}?mode=ro", uri=True)) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert [file.name for file in folder.iterdir()] == ["copy.db"]  # not even while it is read


def test_a_copy_reports_how_much_of_it_is_done(
    db: apsw.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(db)
    monkeypatch.setattr(database, "_STEP", 1)
    pages: int = db.pragma("page_count")
    done: list[float] = []
    copy_into(db, tmp_path / "copy.db", done.append)

    assert done == pytest.approx([page / pages for page in range(1, pages + 1)])


# --- files of this version, and of other programs


def test_a_database_of_this_version_is_not_backed_up(db: apsw.Connection, tmp_path: Path) -> None:
    migrate(db)
    before = {file.name for file in tmp_path.iterdir()}
    migrate(db)

    assert {file.name for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("script", "version"),
    [
        ("CREATE TABLE note (text)", 0),
        ("CREATE VIEW one AS SELECT 1", 0),
        ("CREATE TABLE note (text)", 1),
        ("CREATE TABLE account (id)", VERSION),
        ("SELECT 1", VERSION),
        ("SELECT 1", -1),
    ],
)
def test_the_database_of_another_program_is_refused_and_left_alone(
    db: apsw.Connection, tmp_path: Path, script: str, version: int
) -> None:
    db.execute(script)
    db.pragma("user_version", version)
    before = list(db.execute("SELECT sql FROM sqlite_schema")), set(tmp_path.iterdir())

    with pytest.raises(UnusableStoreError, match="is not a chat database"):
        migrate(db)

    assert (list(db.execute("SELECT sql FROM sqlite_schema")), set(tmp_path.iterdir())) == before
    assert db.pragma("user_version") == version


# --- what is deleted, and who else writes


def test_what_is_deleted_is_overwritten_in_the_file(db: apsw.Connection, path: Path) -> None:
    db.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text)")
    db.execute("INSERT INTO note VALUES (1, ?), (2, 'stays')", (WORD.decode(),))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert WORD in path.read_bytes()

    db.execute("DELETE FROM note WHERE id = 1")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    assert WORD not in path.read_bytes()


def test_a_write_waits_seconds_for_another_program_that_writes(db: apsw.Connection) -> None:
    assert db.pragma("busy_timeout") >= 1_000
