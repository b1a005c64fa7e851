"""`migrate-store` copies a store whole, or says why not and changes nothing."""

import hashlib
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import psycopg
import pytest

from chat_server.admin.commands import migrate_store as command
from chat_server.admin.commands.migrate_store import migrate_store
from chat_server.data_folder import locked
from chat_server.errors import FolderInUseError, SettingsError, StartError
from chat_server.store.api import GENERAL_ROOM, Draft
from chat_server.store.postgresql.database import connect, migrate
from chat_server.store.postgresql.leadership import take_lock, wait_for_lock
from chat_server.store.postgresql.tables import PostgresqlTables
from chat_server.store.sqlite.offline import open_store
from chat_server.store.sqlite.schema import VERSION
from support.filled_store import fill
from support.full_disk import files_of_at_most
from support.postgresql import empty_database
from support.server_process import COMMAND

_PATIENCE = 60.0  # seconds until something happens, on a busy machine
_MANY = 40_000  # messages: a copy takes long enough to be killed in the middle


@pytest.fixture
def url() -> Iterator[str]:
    with empty_database() as url:
        yield url


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    with open_store(folder / "chat.db") as store:
        fill(store)
    return folder


def tables_in(url: str) -> list[str]:
    with connect(url) as db:
        found = db.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        return [name for (name,) in found]


def files_in(folder: Path) -> dict[str, str]:
    """Return the names and digests of the files, but for the lock."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != "lock"
    }


def texts_in(folder: Path) -> list[tuple[Any, ...]]:
    with closing(apsw.Connection(str(folder / "chat.db"))) as db:
        return db.execute("SELECT id, room, seq, text FROM message ORDER BY id").fetchall()


def test_a_store_is_copied_there_and_back_and_the_sources_stay_as_they_were(
    folder: Path, tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files_in(folder)

    assert migrate_store(str(folder), url) == 0
    assert migrate_store(url, str(tmp_path / "back" / "chat.db")) == 0

    assert files_in(folder) == before
    assert texts_in(tmp_path / "back") == texts_in(folder)
    assert list(files_in(tmp_path / "back")) == ["chat.db"]
    assert (tmp_path / "back" / "chat.db").stat().st_mode & 0o777 == 0o600
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split() == ["table", "from", "to", "checksum"]
    assert printed[1].split()[:3] == ["account", "8", "8"]
    assert f"{url}: copied and compared; the search index will be rebuilt" in printed
    there, back = (line for line in printed if line.startswith("The content of files"))
    assert f"If it is in {folder / 'files'}, put it into a bucket" in there
    assert f"Put it into {tmp_path / 'back' / 'files'}, or keep" in back


def test_where_there_are_no_files_nothing_is_printed_about_their_content(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_store(tmp_path / "chat.db"):
        pass

    assert migrate_store(str(tmp_path), url) == 0
    assert "content" not in capsys.readouterr().out


def test_what_a_killed_server_has_left_in_its_log_is_copied(folder: Path, url: str) -> None:
    with open_store(folder / "chat.db") as store:
        store.add_account("eve", "Eve", "", at=30)
        for path in folder.glob("chat.db*"):  # the files as a kill -9 leaves them
            (folder.parent / path.name).write_bytes(path.read_bytes())
    before = (folder.parent / "chat.db-wal").read_bytes()
    assert before

    assert migrate_store(str(folder.parent), url) == 0

    with connect(url) as db:
        assert db.execute("SELECT count(*) FROM account WHERE key = 'eve'").fetchone() == (1,)
    assert (folder.parent / "chat.db-wal").read_bytes() == before


def test_only_a_folder_and_a_database_without_a_password_are_accepted(folder: Path) -> None:
    for source, target, sentence in (
        (str(folder), str(folder), "One of FROM and TO must be a data folder"),
        ("postgresql:///a", "postgresql:///b", "One of FROM and TO must be a data folder"),
        (str(folder), "mysql://a/b", "Use postgresql://"),
        (str(folder), "postgresql://ada:secret@/b", "must not have a password"),
        (str(folder), "postgresql:///b?password=secret", "must not have a password"),
    ):
        with pytest.raises(SettingsError, match=sentence):
            migrate_store(source, target)


def test_a_source_that_is_not_there_makes_neither_a_folder_nor_tables(
    tmp_path: Path, url: str
) -> None:
    with pytest.raises(StartError, match="There is no database at"):
        migrate_store(str(tmp_path / "none"), url)
    with pytest.raises(StartError, match=r"is empty\. Choose another one"):
        migrate_store(url, str(tmp_path / "none"))

    assert list(tmp_path.iterdir()) == []
    assert tables_in(url) == []


def test_a_target_with_anything_in_it_stays_as_it_is(
    folder: Path, tmp_path: Path, url: str
) -> None:
    with connect(url) as db:
        db.execute("CREATE TABLE other (a int)")
    with pytest.raises(StartError, match=r"is not a chat database\. Choose an empty one"):
        migrate_store(str(folder), url)
    assert tables_in(url) == ["other"]

    with connect(url) as db:
        db.execute("DROP TABLE other")
        migrate(db)
    with pytest.raises(StartError, match=r"already has a store\. Choose an empty one"):
        migrate_store(str(folder), url)
    with connect(url) as db:
        assert db.execute("SELECT count(*) FROM account").fetchone() == (0,)

    for name in ("chat.db", "chat.db-wal"):
        target = tmp_path / f"with {name}"
        target.mkdir(mode=0o700)
        (target / name).write_bytes(b"x")
        before = files_in(target)
        with pytest.raises(StartError, match=f"{name} already exists"):
            migrate_store(url, str(target))
        assert files_in(target) == before


def test_a_source_of_another_version_is_left_to_its_server(
    folder: Path, tmp_path: Path, url: str
) -> None:
    with connect(url) as db:
        migrate(db)
        db.execute("UPDATE version SET number = 1")
    with closing(apsw.Connection(str(folder / "chat.db"))) as db:
        db.pragma("user_version", VERSION - 1)

    for source, target in ((str(folder), url), (url, str(tmp_path / "new"))):
        with pytest.raises(StartError, match=r"was written by an older chat-server\. Start this"):
            migrate_store(source, target)

    with closing(apsw.Connection(str(folder / "chat.db"))) as db:
        db.pragma("user_version", VERSION + 1)
    with pytest.raises(StartError, match="was written by a newer chat-server"):
        migrate_store(str(folder), url)


def test_stores_that_a_server_uses_are_refused(folder: Path, tmp_path: Path, url: str) -> None:
    with (
        locked(folder),
        pytest.raises(FolderInUseError, match=r"is using the data folder .* Stop it first"),
    ):
        migrate_store(str(folder), url)
    with connect(url) as leader:
        wait_for_lock(leader)
        with pytest.raises(StartError, match=r"is using the database .* Stop it first"):
            migrate_store(str(folder), url)
        migrate(leader)
        with pytest.raises(StartError, match=r"is using the database .* Stop it first"):
            migrate_store(url, str(tmp_path / "new"))
    with locked(tmp_path / "new"), pytest.raises(FolderInUseError, match="Stop it first"):
        migrate_store(url, str(tmp_path / "new"))


def test_no_server_can_use_either_meanwhile(
    folder: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def report(share: float) -> None:
        with pytest.raises(FolderInUseError), locked(folder):
            pass
        if share == 1:
            with connect(url) as db:
                tried.append(take_lock(db))

    monkeypatch.setattr(command, "report_share", report)
    migrate_store(str(folder), url)

    assert tried == [False]
    with connect(url) as db:
        assert take_lock(db)


def test_a_copy_that_differs_is_shown_and_not_kept(
    folder: Path,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    insert = PostgresqlTables.insert
    monkeypatch.setattr(
        PostgresqlTables,
        "insert",
        lambda self, table, rows: insert(
            self, table, rows[1:] if table.name == "reaction" else rows
        ),
    )

    with pytest.raises(StartError, match="The copy differs in reaction, so it was not kept"):
        migrate_store(str(folder), url)

    assert ", but 0000000000000000 in the copy" in capsys.readouterr().out
    assert tables_in(url) == []


def test_a_full_disk_is_named_and_nothing_is_left(folder: Path, tmp_path: Path, url: str) -> None:
    migrate_store(str(folder), url)

    with (
        files_of_at_most(65_536),
        pytest.raises(StartError, match=r"chat\.db (is|cannot).*(full|may not grow)"),
    ):
        migrate_store(url, str(tmp_path / "new"))

    assert files_in(tmp_path / "new") == {}


def test_a_database_that_is_lost_half_way_is_named_and_nothing_is_left(
    folder: Path, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate_store(str(folder), url)

    def report(_: float) -> None:
        with connect(url) as db:
            db.execute(
                "SELECT pg_terminate_backend(pid, 1000) FROM pg_locks WHERE locktype = 'advisory'"
            )

    monkeypatch.setattr(command, "report_share", report)
    with pytest.raises(StartError, match="The database cannot be used: "):
        migrate_store(url, str(tmp_path / "new"))
    assert files_in(tmp_path / "new") == {}

    with (
        empty_database("second") as other,
        pytest.raises(StartError, match="The database cannot be used: "),
    ):
        migrate_store(str(folder), other)


@pytest.mark.usefixtures("heeded_signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing(
    folder: Path,
    tmp_path: Path,
    url: str,
    number: signal.Signals,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(command, "report_share", lambda _: signal.raise_signal(number))
        with pytest.raises(SystemExit) as caught:
            migrate_store(str(folder), url)
    assert caught.value.code == 128 + number
    assert tables_in(url) == []

    migrate_store(str(folder), url)
    monkeypatch.setattr(command, "report_share", lambda _: signal.raise_signal(number))
    with pytest.raises(SystemExit):
        migrate_store(url, str(tmp_path / "new"))
    assert files_in(tmp_path / "new") == {}


def test_after_a_kill_half_way_both_ways_the_copy_begins_anew(folder: Path, url: str) -> None:
    target = folder.parent / "new"
    with open_store(folder / "chat.db") as store:
        ada = store.account("ada")
        assert ada
        for first in range(0, _MANY, 10_000):
            store.append(
                [
                    Draft(GENERAL_ROOM, ada.id, f"{n} {'x' * 200}", f"many{n:06}")
                    for n in range(first, first + 10_000)
                ],
                50,
            )

    with connect(url) as watching:
        _kill_once(lambda: _is_copying(watching), str(folder), url)
        _wait(lambda: not _is_connected(watching))  # the server notices
    assert tables_in(url) == []
    assert migrate_store(str(folder), url) == 0

    unfinished = target / "chat.db.unfinished"
    _kill_once(lambda: unfinished.exists() and unfinished.stat().st_size > 1_000_000, url, target)
    assert list(files_in(target)) == ["chat.db.unfinished"]
    assert migrate_store(url, str(target)) == 0
    assert list(files_in(target)) == ["chat.db"]
    assert texts_in(target) == texts_in(folder)


def _kill_once(half_way: Any, source: str | Path, target: str | Path) -> None:
    with subprocess.Popen(
        [COMMAND, "migrate-store", source, target], stdout=subprocess.DEVNULL
    ) as process:
        _wait(lambda: half_way() or process.poll() is not None)
        process.kill()
    assert process.returncode == -signal.SIGKILL


def _wait(true: Any) -> None:
    end = time.monotonic() + _PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)  # of another process, which tells nobody


def _is_copying(db: psycopg.Connection[Any]) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY \"message\"%%'"
    return db.execute(query).fetchone() != (0,)


def _is_connected(db: psycopg.Connection[Any]) -> bool:
    query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
    return db.execute(query).fetchone() != (0,)
