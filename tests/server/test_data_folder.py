"""A data folder is private, and used by one server at a time."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest

from chat_server import data_folder
from chat_server.errors import FolderInUseError, StartError

_NOBODY: Final = 65_534


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


@contextmanager
def _as_its_owner(folder: Path) -> Iterator[None]:
    """Be someone who owns `folder` and is not root, who can write anywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.chown(folder, _NOBODY, _NOBODY)
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_read_only_folder_is_refused() -> None:
    with TemporaryDirectory() as path:  # the folders above `tmp_path` are for its owner alone
        folder = Path(path)
        folder.chmod(0o500)
        with (
            _as_its_owner(folder),
            pytest.raises(StartError) as caught,
            data_folder.locked(folder),
        ):
            pass

    assert str(caught.value) == f"Cannot use the data folder {folder}: Permission denied."


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777, 0o1777])
def test_a_folder_that_others_can_write_in_is_refused(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)
    with pytest.raises(StartError) as caught, data_folder.locked(tmp_path):
        pass

    assert str(caught.value) == (
        f"Other users can write in the data folder {tmp_path}. Run chmod 700 {tmp_path}."
    )


def test_the_lock_file_is_private_whatever_the_umask(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        with data_folder.locked(tmp_path):
            pass
    finally:
        os.umask(mask)

    assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o600


def test_a_lock_file_that_is_a_link_is_refused_and_its_target_untouched(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("kept")
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    (folder / "lock").symlink_to(target)
    with pytest.raises(StartError) as caught, data_folder.locked(folder):
        pass

    assert str(caught.value) == (
        f"Cannot use the data folder {folder}: {folder}/lock is a symbolic link."
    )
    assert target.read_text() == "kept"


def test_a_lock_file_is_never_truncated(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("some text")
    with data_folder.locked(tmp_path):
        pass

    assert (tmp_path / "lock").read_text() == "some text"
