"""A backup has the content of exactly the files that its database names."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw
import pytest

from chat_server.admin.commands import backup
from chat_server.admin.commands.backup import back_up
from chat_server.cli import run_command
from chat_server.errors import StartError
from chat_server.files.folder import FolderBlobs
from chat_server.store.api import GENERAL_ROOM
from chat_server.store.sqlite.offline import open_store
from chat_server.store.sqlite.schema import MIGRATIONS
from chat_server.store.sqlite.store import SqliteStore
from support.full_disk import files_of_at_most, small_disk
from support.posts import change
from support.stored_files import blobs_in, post_content, put_whole, sweep


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def store(folder: Path) -> Iterator[SqliteStore]:
    """An open store, like that of a running server, with an account whose id is 1."""
    with open_store(folder / "chat.db") as store:
        store.add_account("ada", "Ada", "hash", 1)
        yield store


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder of another file system, to which no hard link can lead."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("requires a second file system at /dev/shm")
    with TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def restored(file: Path, folder: Path) -> dict[str, bytes]:
    """Restore a backup into the new `folder`, as README.md says; return its files by key.

    These are exactly those that its database names.
    """
    folder.mkdir()
    shutil.copy(file, folder / "chat.db")
    if file.with_name(f"{file.name}.files").exists():
        shutil.copytree(file.with_name(f"{file.name}.files"), folder / "files")
    found = blobs_in(folder)
    with open_store(folder / "chat.db") as store:
        assert {key: size for key, size, _ in store.blobs("", 100)} == {
            key: len(content) for key, content in found.items()
        }
    return found


def names(path: Path) -> list[str]:
    return sorted(path.name for path in path.iterdir())


def test_files_and_whole_uploads_are_in_the_backup_by_hard_links(
    store: SqliteStore, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soup, bread = post_content(store, folder, 1, b"soup", b"bread")
    put_whole(store, folder, 1, b"not posted yet", "later.txt")
    file = tmp_path / "backup.db"

    assert back_up(file, data=folder) == 0

    assert f"{file}.files: 3 files, 23 bytes\n" in capsys.readouterr().out
    assert names(tmp_path) == ["backup.db", "backup.db.files", "data"]
    copies, originals = FolderBlobs(tmp_path / "backup.db.files"), FolderBlobs(folder / "files")
    assert copies.path(soup).samefile(originals.path(soup))
    assert stat.S_IMODE(copies.folder.stat().st_mode) == 0o700
    content = restored(file, tmp_path / "new")
    assert (content[soup], content[bread], len(content)) == (b"soup", b"bread", 3)


def test_what_goes_later_stays_in_the_backup(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    (key,) = post_content(store, folder, 1, b"soup")
    back_up(tmp_path / "backup.db", data=folder)
    _delete(store, 1)
    sweep(store, folder)

    assert blobs_in(folder) == {}
    assert restored(tmp_path / "backup.db", tmp_path / "new") == {key: b"soup"}


def test_where_no_link_can_lead_files_are_copied(
    store: SqliteStore, folder: Path, elsewhere: Path
) -> None:
    keys = post_content(store, folder, 1, b"soup", b"bread")

    assert back_up(elsewhere / "backup.db", data=folder) == 0

    copies = FolderBlobs(elsewhere / "backup.db.files")
    assert [copies.path(key).stat().st_mode & 0o777 for key in keys] == [0o600] * 2
    assert names(elsewhere) == ["backup.db", "backup.db.files"]
    assert restored(elsewhere / "backup.db", elsewhere / "new") == {
        keys[0]: b"soup",
        keys[1]: b"bread",
    }


def test_without_files_there_is_no_folder(store: SqliteStore, folder: Path, tmp_path: Path) -> None:
    back_up(tmp_path / "before.db", data=folder)
    post_content(store, folder, 1, b"soup")
    assert (
        run_command(["backup", f"{tmp_path / 'after.db'}", "--data", f"{folder}", "--no-files"])
        == 0
    )

    assert names(tmp_path) == ["after.db", "before.db", "data"]


def _delete(store: SqliteStore, seq: int) -> None:
    ada = store.account("ada")
    assert ada
    change(store, ada, "delete", seq)


def _delete_all(store: SqliteStore, folder: Path) -> None:
    """Delete every file of every message, and its content."""
    for message in store.messages_after(GENERAL_ROOM, 0, 100):
        if message.files:
            _delete(store, message.seq)
    sweep(store, folder)


def _post_more(store: SqliteStore, folder: Path) -> None:
    post_content(store, folder, 1, b"posted during the backup", b"soup")


def _replace_all(store: SqliteStore, folder: Path) -> None:
    _post_more(store, folder)
    _delete_all(store, folder)
    _post_more(store, folder)


@pytest.mark.parametrize("act", [_delete_all, _post_more, _replace_all])
@pytest.mark.parametrize("at", range(5))
def test_a_backup_is_of_one_moment_whatever_is_posted_and_deleted_meanwhile(
    store: SqliteStore,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[SqliteStore, Path], None],
    at: int,
) -> None:
    for number in range(3):
        post_content(store, folder, 1, f"{number}".encode(), b"soup")
    reports = 0

    def report(_: float) -> None:
        nonlocal reports
        if reports == at:
            act(store, folder)
        reports += 1

    monkeypatch.setattr(backup, "report_share", report)

    assert back_up(tmp_path / "backup.db", data=folder) == 0

    assert reports > at
    restored(tmp_path / "backup.db", tmp_path / "new")


def test_a_missing_file_is_told_and_everything_else_is_backed_up(
    store: SqliteStore, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost, kept = post_content(store, folder, 1, b"soup", b"bread")
    FolderBlobs(folder / "files").remove(lost)

    assert back_up(tmp_path / "backup.db", data=folder) == 1

    assert "1 file missing or damaged; see chat-server check\n" in capsys.readouterr().out
    assert [*dict(FolderBlobs(tmp_path / "backup.db.files").sizes())] == [kept]


def test_a_file_that_is_shorter_than_it_was_is_missing(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    (cut,) = post_content(store, folder, 1, b"soup")
    os.truncate(FolderBlobs(folder / "files").path(cut), 2)

    assert back_up(tmp_path / "backup.db", data=folder) == 1
    assert not (tmp_path / "backup.db.files").exists()


def test_where_no_file_is_there_a_bucket_is_suggested(
    store: SqliteStore, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (lost,) = post_content(store, folder, 1, b"soup")
    FolderBlobs(folder / "files").remove(lost)

    assert back_up(tmp_path / "backup.db", data=folder) == 1
    assert capsys.readouterr().out.endswith(
        f"1 file missing or damaged; none is in {folder / 'files'}. "
        "If they are in a bucket, add --bucket\n"
    )


def test_a_database_elsewhere_is_not_backed_up_here(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    """Not that of before the server had a --store, either."""
    store.account("ada")
    with pytest.raises(StartError, match=r"not in the data folder. Back it up with pg_dump, and"):
        back_up(tmp_path / "backup.db", data=folder, store="postgresql:///chat")

    assert names(tmp_path) == ["data"]


def test_an_existing_folder_is_never_overwritten(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    post_content(store, folder, 1, b"soup")
    (tmp_path / "backup.db.files").mkdir()

    with pytest.raises(StartError, match=r"backup\.db\.files already exists"):
        back_up(tmp_path / "backup.db", data=folder)

    assert names(tmp_path) == ["backup.db.files", "data"]


def test_what_a_killed_backup_has_left_is_in_no_other_one(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    (key,) = post_content(store, folder, 1, b"soup")
    unfinished = FolderBlobs(tmp_path / "backup.db.files.unfinished")
    for left in key, key.replace(key[2:4], "00"):
        unfinished.path(left).parent.mkdir(parents=True, exist_ok=True)
        unfinished.path(left).write_bytes(b"so")

    back_up(tmp_path / "backup.db", data=folder)

    assert restored(tmp_path / "backup.db", tmp_path / "new") == {key: b"soup"}
    assert "backup.db.files.unfinished" not in names(tmp_path)


def test_a_full_disk_is_named_and_nothing_is_left(
    store: SqliteStore, folder: Path, elsewhere: Path
) -> None:
    post_content(store, folder, 1, b"x" * 400_000)
    with files_of_at_most(300_000), pytest.raises(StartError, match=r"Cannot copy the files"):
        back_up(elsewhere / "backup.db", data=folder)

    assert names(elsewhere) == []


def test_a_small_disk_is_named_and_nothing_is_left(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    post_content(store, folder, 1, b"x" * 2_000_000)
    with small_disk(tmp_path / "disk", "size=1m") as disk:
        with pytest.raises(StartError, match=r"Cannot copy the files .*: No space left"):
            back_up(disk / "backup.db", data=folder)
        assert names(disk) == []


def test_a_small_disk_that_lacks_space_for_the_database_keeps_no_files(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    post_content(store, folder, 1, b"soup")
    with small_disk(tmp_path / "disk", "size=100k") as disk:
        with pytest.raises(StartError, match="is full"):
            back_up(disk / "backup.db", data=folder)
        assert names(disk) == []


def test_a_database_from_before_there_were_files_is_backed_up(folder: Path, tmp_path: Path) -> None:
    with closing(apsw.Connection(str(folder / "chat.db"))) as db:
        for script in MIGRATIONS[:14]:
            db.execute(script).fetchall()
        db.pragma("user_version", 14)

    assert back_up(tmp_path / "backup.db", data=folder) == 0
    assert names(tmp_path) == ["backup.db", "data"]
