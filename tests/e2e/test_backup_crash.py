"""A backup, or a restore, that is killed at any of its steps leaves nothing that looks like one.

`FILE_CRASH_ROUNDS` sets how often each is killed, at steps that are spread over all; `pytest -s`
shows at which.
"""

import os
import shutil
from pathlib import Path

import pytest

from chat_server.admin.commands.backup import back_up
from chat_server.admin.commands.check_files import check_files
from chat_server.admin.commands.findings import Verdict
from chat_server.admin.commands.restore import restore
from chat_server.admin.commands.store_copy import StorePlaces, places_in, places_of_backup
from chat_server.files.folder import FolderBlobs
from chat_server.store.api import GENERAL_ROOM
from chat_server.store.sqlite.offline import examine, open_store
from support.killed_command import kill_at
from support.stored_files import post_content

_ROUNDS = int(os.environ.get("FILE_CRASH_ROUNDS", "2"))
_MOST = 40  # steps; there are fewer
_MESSAGES = 5

_STEPS = [(number + 1) * _MOST // (_ROUNDS + 1) for number in range(_ROUNDS)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder of messages with two files each, one of which is the same in all."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    with open_store(data / "chat.db") as store:
        store.add_account("ada", "Ada", "hash", 1)
        for number in range(_MESSAGES):
            post_content(store, data, 1, f"{number}".encode(), b"soup")
    return data


def check_whole(places: StorePlaces) -> None:
    """Check that the copy has all messages with all of their files."""
    examine(places.database)
    assert isinstance(places.files, FolderBlobs)
    findings = check_files(places.files.folder, places.database, lambda _: None)
    assert [finding.verdict for finding in findings] == [Verdict.OK]
    with open_store(places.database) as store:
        messages = store.messages_after(GENERAL_ROOM, 0, 100)
    assert [len(message.files) for message in messages] == [2] * _MESSAGES


def clear_way(places: StorePlaces) -> None:
    """Do what the command asks for where it was killed between its last two steps."""
    assert not places.database.exists()
    assert isinstance(places.files, FolderBlobs)
    shutil.rmtree(places.files.folder, ignore_errors=True)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name != "lock"}


@pytest.mark.parametrize("step", _STEPS)
def test_a_killed_backup_is_none_and_the_next_one_is_whole(
    data: Path, tmp_path: Path, step: int
) -> None:
    (tmp_path / "backups").mkdir()
    file = tmp_path / "backups" / "backup.db"
    killed = kill_at(step, "backup", file, "--data", data)
    print(f"killed at step {step}" if killed else f"fewer than {step} steps")  # noqa: T201

    if not file.exists():
        assert killed
        clear_way(places_of_backup(file))
        assert back_up(file, data=data) == 0
        assert names(file.parent) == {"backup.db", "backup.db.files"}
    check_whole(places_of_backup(file))


@pytest.mark.parametrize("step", _STEPS)
def test_a_killed_restore_is_none_and_the_next_one_is_whole(
    data: Path, tmp_path: Path, step: int
) -> None:
    file, new = tmp_path / "backup.db", tmp_path / "new"
    assert back_up(file, data=data) == 0
    killed = kill_at(step, "restore", file, "--data", new)
    print(f"killed at step {step}" if killed else f"fewer than {step} steps")  # noqa: T201

    if not (new / "chat.db").exists():
        assert killed
        clear_way(places_in(new, None, None))
        assert restore(file, data=new) == 0
        assert names(new) == {"chat.db", "files"}
    check_whole(places_in(new, None, None))


def test_there_are_fewer_steps_than_these_tests_are_spread_over(data: Path, tmp_path: Path) -> None:
    """And enough that most rounds kill."""
    for number, killed in ((_MOST // 2, True), (_MOST, False)):
        file = tmp_path / f"{number}.db"
        assert kill_at(number, "backup", file, "--data", data) == killed
    for number, killed in ((_MOST // 2, True), (_MOST, False)):
        new = tmp_path / f"{number}"
        assert kill_at(number, "restore", tmp_path / f"{_MOST}.db", "--data", new) == killed
