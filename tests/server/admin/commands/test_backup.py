"""A backup is a consistent copy in one valid file, and nothing is overwritten."""

import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from chat_server.admin.commands import backup
from chat_server.admin.commands.backup import back_up
from chat_server.errors import StartError, UnusableStoreError
from chat_server.store.api import GENERAL_ROOM, Draft
from chat_server.store.sqlite import database
from chat_server.store.sqlite.offline import copy_database, examine, open_store
from chat_server.store.sqlite.schema import VERSION
from chat_server.store.sqlite.store import SqliteStore
from support.full_disk import files_of_at_most


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def store(folder: Path) -> Iterator[SqliteStore]:
    """An open store, like that of a running server."""
    with open_store(folder / "chat.db") as store:
        store.add_account("ada", "Ada", "hash", 1)
        yield store


def post(store: SqliteStore, *texts: str) -> None:
    ada = store.account("ada")
    assert ada is not None
    store.append([Draft(GENERAL_ROOM, ada.id, text, text[:60]) for text in texts], 1)


def texts_in(path: Path) -> list[str]:
    with open_store(path) as store:
        return [message.text for message in store.messages_after(GENERAL_ROOM, 0, 10_000)]


def test_the_backup_of_an_open_store_is_usable(
    store: SqliteStore, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    post(store, "one", "two")

    assert back_up(tmp_path / "backup.db", data=folder) == 0
    post(store, "three")

    assert texts_in(tmp_path / "backup.db") == ["one", "two"]
    assert "integrity check passed" in capsys.readouterr().out


def test_a_backup_is_a_single_file_readable_only_by_its_owner(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    post(store, "one")

    back_up(tmp_path / "backup.db", data=folder)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.db", "data"]
    assert (tmp_path / "backup.db").stat().st_mode & 0o777 == 0o600
    # Not in WAL mode (file format, section 1.3.3), so even reading it creates no other file.
    assert (tmp_path / "backup.db").read_bytes()[18:20] == b"\x01\x01"


def test_writes_during_a_backup_are_not_copied_and_do_not_restart_it(
    store: SqliteStore, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(store, *(f"{number} {'x' * 4_000}" for number in range(50)))
    monkeypatch.setattr(database, "_STEP", 5)
    shares: list[float] = []

    def report(share: float) -> None:
        shares.append(share)
        post(store, f"meanwhile {len(shares)}")

    copy_database(folder / "chat.db", tmp_path / "copy.db", report)

    assert shares == sorted(shares)  # it never restarted
    assert shares[-1] == 1
    assert len(shares) > 5
    assert len(texts_in(tmp_path / "copy.db")) == 50


def test_an_existing_file_is_never_overwritten(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "backup.db").write_text("precious")

    with pytest.raises(StartError, match="already exists"):
        back_up(tmp_path / "backup.db", data=folder)

    assert (tmp_path / "backup.db").read_text() == "precious"


def test_a_damaged_database_leaves_no_backup_file(folder: Path, tmp_path: Path) -> None:
    (folder / "chat.db").write_bytes(b"no database at all" * 1_000)

    with pytest.raises(StartError, match="cannot be copied"):
        back_up(tmp_path / "backup.db", data=folder)

    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_damaged_page_is_detected_in_the_copy(folder: Path, tmp_path: Path) -> None:
    _make_damaged(folder)

    with pytest.raises(StartError, match=r"damaged|cannot be copied"):
        back_up(tmp_path / "backup.db", data=folder)

    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize("length", [1, 236, 237, 244, 245, 255])
def test_a_name_can_be_as_long_as_the_file_system_allows(
    store: SqliteStore, folder: Path, tmp_path: Path, length: int
) -> None:
    back_up(tmp_path / ("b" * length), data=folder)

    assert {path.name for path in tmp_path.iterdir()} == {"b" * length, "data"}


def test_a_name_that_is_too_long_is_refused_in_a_sentence(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(StartError, match="File name too long"):
        back_up(tmp_path / ("b" * 256), data=folder)

    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_full_disk_is_named_and_nothing_is_left(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    post(store, *(f"{number} {'x' * 4_000}" for number in range(50)))
    with files_of_at_most(65_536), pytest.raises(StartError, match="may not grow"):
        back_up(tmp_path / "backup.db", data=folder)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]

    back_up(tmp_path / "backup.db", data=folder)
    assert len(texts_in(tmp_path / "backup.db")) == 50


@pytest.mark.usefixtures("heeded_signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_during_a_backup_leaves_nothing(
    store: SqliteStore,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
) -> None:
    monkeypatch.setattr(backup, "report_share", lambda _: signal.raise_signal(number))
    handler = signal.getsignal(number)

    with pytest.raises(SystemExit) as caught:
        back_up(tmp_path / "backup.db", data=folder)

    assert caught.value.code == 128 + number
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert signal.getsignal(number) is handler


def test_until_it_is_whole_no_file_has_the_name(
    store: SqliteStore, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: set[str] = set()

    def report(_: float) -> None:
        names.update(path.name for path in tmp_path.iterdir())
        with pytest.raises(StartError, match="Another backup"):
            back_up(tmp_path / "backup.db", data=folder)

    monkeypatch.setattr(backup, "report_share", report)
    back_up(tmp_path / "backup.db", data=folder)

    assert names == {"backup.db.unfinished", "backup.db.files.unfinished", "data"}


def test_a_file_that_appears_meanwhile_is_not_overwritten(
    store: SqliteStore, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "report_share", lambda _: (tmp_path / "backup.db").write_text("x"))

    with pytest.raises(StartError, match="already exists"):
        back_up(tmp_path / "backup.db", data=folder)

    assert (tmp_path / "backup.db").read_text() == "x"
    assert len(list(tmp_path.iterdir())) == 2


def test_the_leftover_of_a_killed_backup_is_replaced(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "backup.db.unfinished").write_text("half of it")

    back_up(tmp_path / "backup.db", data=folder)

    assert texts_in(tmp_path / "backup.db") == []


def test_a_folder_that_cannot_be_written_to_is_named(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(StartError, match=r"Cannot write .*: No such file"):
        back_up(tmp_path / "nowhere" / "backup.db", data=folder)


def test_without_a_database_there_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="There is no database at"):
        back_up(tmp_path / "backup.db", data=tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_database_is_checked_while_its_store_is_open(store: SqliteStore, folder: Path) -> None:
    post(store, "one")

    assert examine(folder / "chat.db") == VERSION


def _make_damaged(folder: Path) -> None:
    """Create a database of many pages and overwrite some of them."""
    with open_store(folder / "chat.db") as store:
        store.add_account("ada", "Ada", "hash", 1)
        post(store, *(f"{number} {'x' * 4_000}" for number in range(50)))
    content = bytearray((folder / "chat.db").read_bytes())
    content[9 * 4096 : 12 * 4096] = b"\x55" * (3 * 4096)
    (folder / "chat.db").write_bytes(content)


def test_a_damaged_database_is_detected(folder: Path) -> None:
    _make_damaged(folder)

    with pytest.raises(UnusableStoreError, match=r"damaged|cannot be read"):
        examine(folder / "chat.db")


def test_a_database_of_a_newer_version_is_refused(folder: Path) -> None:
    with closing(apsw.Connection(str(folder / "chat.db"))) as db:
        db.pragma("user_version", VERSION + 1)

    with pytest.raises(UnusableStoreError, match="newer chat-server"):
        examine(folder / "chat.db")
    with (
        pytest.raises(UnusableStoreError, match="newer chat-server"),
        open_store(folder / "chat.db"),
    ):
        pass


def test_a_store_in_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(UnusableStoreError, match="Cannot open "),
        open_store(tmp_path / "nowhere" / "chat.db"),
    ):
        pass
