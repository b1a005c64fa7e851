"""What a killed client left of downloads and exports goes, and nothing else does."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chat_tui.storage.exported_folder import ExportedFolder
from chat_tui.storage.parts import LEFT_AFTER
from chat_tui.storage.saved_file import PartFile

Save = Callable[[Path], PartFile | ExportedFolder]


def save_file(folder: Path) -> PartFile:
    return PartFile(folder, 1)


def export(folder: Path) -> ExportedFolder:
    return ExportedFolder(folder, "messages.html")


@pytest.fixture(params=[save_file, export])
def saving(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], object]]:
    """Return what begins to save something beside the rest."""
    begun = []

    def begin() -> None:
        begun.append(request.param(tmp_path))

    yield begin
    for each in begun:
        each.discard()


def left_behind(path: Path, age: float = LEFT_AFTER + 60) -> Path:
    if path.suffix == ".part" and "folder" in path.name:
        (path / "files").mkdir(parents=True)
        (path / "files" / "soup.pdf").write_bytes(b"so")
    else:
        path.write_bytes(b"so")
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_what_was_left_behind_is_deleted(saving: Callable[[], object], tmp_path: Path) -> None:
    file = left_behind(tmp_path / ".trialogue-1.part")
    folder = left_behind(tmp_path / ".trialogue-folder.part")

    saving()

    assert not file.exists()
    assert not folder.exists()


def test_what_may_be_in_use_stays(saving: Callable[[], object], tmp_path: Path) -> None:
    """What is held by this computer, and what has been written today, perhaps by another."""
    held = [each(tmp_path) for each in (save_file, export)]
    of_these = list(tmp_path.iterdir())
    for path in of_these:
        os.utime(path, (0, 0))
    of_today = left_behind(tmp_path / ".trialogue-1.part", LEFT_AFTER - 60)

    saving()

    assert of_today.exists()
    assert all(path.exists() for path in of_these)
    for each in held:
        each.discard()


def test_nothing_else_is_touched(saving: Callable[[], object], tmp_path: Path) -> None:
    own = left_behind(tmp_path / "soup.pdf.part")
    link = tmp_path / ".trialogue-link.part"
    link.symlink_to(own)

    saving()

    assert own.exists()
    assert link.is_symlink()


def test_nothing_is_waited_for(saving: Callable[[], object], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".trialogue-pipe.part")  # nobody ever writes to it

    saving()


def test_once_it_has_its_name_it_is_held_no_longer(tmp_path: Path) -> None:
    before = set(os.listdir("/proc/self/fd"))
    export(tmp_path).discard()
    folder = export(tmp_path)
    folder.finish("kitchen")
    folder.discard()
    with pytest.raises(Exception, match="File name too long"):
        ExportedFolder(tmp_path, "x" * 300)

    assert set(os.listdir("/proc/self/fd")) == before
