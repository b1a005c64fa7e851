"""A data folder is private, and used by one server at a time."""

import os
import stat
from pathlib import Path

import pytest

from chat_server import data_folder
from chat_server.errors import FolderInUseError, StartError


def test_a_new_folder_is_private_to_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    with data_folder.locked(folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_existing_folder_is_used_unchanged(tmp_path: Path) -> None:
    (tmp_path / "something").write_text("kept")
    with data_folder.locked(tmp_path):
        pass

    assert (tmp_path / "something").read_text() == "kept"


def test_a_second_server_is_refused_until_the_first_has_stopped(tmp_path: Path) -> None:
    with (
        data_folder.locked(tmp_path),
        pytest.raises(FolderInUseError) as caught,
        data_folder.locked(tmp_path),
    ):
        pass

    assert str(caught.value) == (
        f"Another chat-server is using the data folder {tmp_path}. "
        "Stop it, or choose another folder with --data."
    )
    with data_folder.locked(tmp_path):
        pass


def test_a_crash_unlocks_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), data_folder.locked(tmp_path):
        raise ZeroDivisionError

    with data_folder.locked(tmp_path):
        pass


def test_a_folder_inside_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "data"
    with pytest.raises(StartError) as caught, data_folder.locked(folder):
        pass

    assert str(caught.value) == f"Cannot use the data folder {folder}: Not a directory."


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write anywhere")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StartError) as caught, data_folder.locked(tmp_path):
        pass

    assert str(caught.value) == f"Cannot use the data folder {tmp_path}: Permission denied."
