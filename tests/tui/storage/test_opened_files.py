"""Files that are kept to be looked at, and deleted again."""

import stat
from pathlib import Path

from chat_tui.storage.opened_files import OpenedFiles


def add(files: OpenedFiles, number: int, size: int) -> Path:
    path = files.folder() / str(number)
    path.write_bytes(bytes(size))
    files.add(number, path)
    return path


def test_the_folder_is_private_and_deleted_at_the_end() -> None:
    files = OpenedFiles()
    add(files, 1, 10)
    folder = files.folder()

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files.close()
    assert not folder.exists()


def test_the_oldest_are_deleted_beyond_a_bound() -> None:
    files = OpenedFiles(25)
    one, two, three = (add(files, number, 10) for number in (1, 2, 3))

    assert [path.exists() for path in (one, two, three)] == [False, True, True]
    assert files.find(1) is None
    four = add(files, 4, 100)  # more than all, and needed now
    assert [path.exists() for path in (two, three, four)] == [False, False, True]
    files.close()


def test_one_can_be_deleted() -> None:
    files = OpenedFiles()
    path = add(files, 1, 10)
    files.forget(1)
    files.forget(2)

    assert not path.exists()
    files.close()
