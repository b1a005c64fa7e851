"""A data folder that is restored has what the backup has, or is not made."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_server.admin.commands.backup import back_up
from chat_server.admin.commands.restore import restore
from chat_server.cli import run_command
from chat_server.data_folder import locked
from chat_server.errors import FolderInUseError, StartError
from chat_server.files.folder import FolderBlobs
from chat_server.store.api import GENERAL_ROOM
from chat_server.store.sqlite.offline import open_store
from support.full_disk import files_of_at_most
from support.posts import post
from support.stored_files import blobs_in, post_content


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """The backup of a server with messages, two of which have files."""
    data = tmp_path / "old"
    data.mkdir()
    with open_store(data / "chat.db") as store:
        post(store, store.add_account("ada", "Ada", "hash", 1), "soup")
        post_content(store, data, 1, b"one", b"two")
        post_content(store, data, 1, b"two", b"three")
        back_up(tmp_path / "backup.db", data=data)
    shutil.rmtree(data)
    return tmp_path / "backup.db"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder that does not exist yet."""
    return tmp_path / "data"


@pytest.fixture
def before(backup: Path) -> Iterator[None]:
    """What a backup consists of stays as it was."""
    folder = backup.with_name("backup.db.files")

    def content() -> tuple[bytes, dict[Path, bytes]]:
        files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        return backup.read_bytes(), files

    before = content()
    yield
    assert content() == before
    assert sorted(path.name for path in backup.parent.glob("backup*")) == [
        "backup.db",
        "backup.db.files",
    ]


@pytest.mark.usefixtures("before")
def test_messages_and_their_files_are_there_again(
    backup: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run_command(["restore", f"{backup}", "--data", f"{data}"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        f"{data / 'chat.db'}: {backup.stat().st_size:,} bytes, integrity check passed",
        f"{data / 'files'}: 3 files, 11 bytes",
    ]
    assert data.stat().st_mode & 0o777 == 0o700
    found = FolderBlobs(data / "files")
    with open_store(data / "chat.db") as store:
        messages = store.messages_after(GENERAL_ROOM, 0, 9)
        assert [len(message.files) for message in messages] == [0, 2, 2]
        contents = [
            found.read(stored.blob, 0, 99)
            for message in messages
            for file in message.files
            if (stored := store.stored_file(file.id))
        ]
    assert contents == [b"one", b"two", b"two", b"three"]


@pytest.mark.usefixtures("before")
def test_a_folder_that_has_a_database_files_or_a_log_is_left_alone(
    backup: Path, data: Path
) -> None:
    for name in "chat.db", "chat.db-wal", "files":
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(mode=0o700)
        (data / name).write_text("precious")

        with pytest.raises(StartError, match=f"{name} already exists. Move it away"):
            restore(backup, data=data)

        assert (data / name).read_text() == "precious"
        assert sorted(path.name for path in data.iterdir()) == sorted([name, "lock"])


def test_a_folder_in_use_is_refused(backup: Path, data: Path) -> None:
    with locked(data), pytest.raises(FolderInUseError):
        restore(backup, data=data)


def test_what_the_backup_lacks_is_told(
    backup: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(backup.with_name("backup.db.files"))

    assert restore(backup, data=data) == 1

    assert capsys.readouterr().out.endswith(
        "3 files missing or damaged; they are not in the backup. "
        "If they are in a bucket, the server needs --bucket\n"
    )
    assert blobs_in(data) == {}
    assert not (data / "files").exists()


def test_without_a_backup_nothing_is_made(tmp_path: Path, data: Path) -> None:
    with pytest.raises(StartError, match="There is no backup at"):
        restore(tmp_path / "none.db", data=data)

    assert not data.exists()


def test_what_is_no_backup_is_refused_and_nothing_is_left(tmp_path: Path, data: Path) -> None:
    (tmp_path / "diary.db").write_bytes(b"Dear diary, " * 1_000)

    with pytest.raises(StartError, match="cannot be copied"):
        restore(tmp_path / "diary.db", data=data)

    assert [path.name for path in data.iterdir()] == ["lock"]


def test_a_full_disk_leaves_nothing(backup: Path, data: Path) -> None:
    with files_of_at_most(65_536), pytest.raises(StartError, match="may not grow"):
        restore(backup, data=data)

    assert [path.name for path in data.iterdir()] == ["lock"]
