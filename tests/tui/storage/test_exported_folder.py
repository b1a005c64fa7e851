"""Exported rooms get folders of their own, and what is not whole leaves nothing."""

import os
import stat
from pathlib import Path

import pytest

from chat_tui.storage.exported_folder import ExportedFolder
from chat_tui.storage.saved_file import CannotSave, PartFile
from support.full_disk import files_of_at_most


def test_a_folder_gets_its_name_at_the_end_and_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "kitchen").mkdir()
    (tmp_path / "kitchen (1)").symlink_to("/nowhere")
    folder = ExportedFolder(tmp_path, "messages.html")
    folder.write("Käse")

    path = folder.finish("../kitchen")
    folder.discard()

    assert path == tmp_path / "kitchen (2)"
    assert (path / "messages.html").read_bytes() == "Käse".encode()
    assert sorted(os.listdir(tmp_path)) == ["kitchen", "kitchen (1)", "kitchen (2)"]
    assert os.listdir(tmp_path / "kitchen") == []
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE((path / "messages.html").stat().st_mode) == 0o600


def test_what_is_not_finished_leaves_nothing(tmp_path: Path) -> None:
    folder = ExportedFolder(tmp_path / "new", "messages.html")
    (folder.path / "files").mkdir()
    folder.write("tea?")

    folder.discard()

    assert os.listdir(tmp_path / "new") == []


def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    folder = ExportedFolder(tmp_path, "messages.html")
    with files_of_at_most(10_000), pytest.raises(CannotSave, match=r"Can't save in .*: File too"):
        folder.write("x" * 20_000)
    folder.discard()

    assert os.listdir(tmp_path) == []


def test_where_there_is_no_space_for_a_file_is_told_as_the_person_knows_it(tmp_path: Path) -> None:
    folder = ExportedFolder(tmp_path, "messages.html")
    part = PartFile(folder.path / "files" / "3-7", 20_000)
    with files_of_at_most(10_000), pytest.raises(CannotSave) as refused:
        part.write(bytes(20_000))
    part.discard()
    folder.discard()

    assert f"{refused.value}" == f"Can't save in {tmp_path}: File too large."


def test_what_is_written_last_needs_space_too(tmp_path: Path) -> None:
    folder = ExportedFolder(tmp_path, "messages.html")
    folder.write("x" * 2_000)  # in memory still
    with files_of_at_most(1_000):
        with pytest.raises(CannotSave, match="File too large"):
            folder.finish("kitchen")
        folder.discard()

    assert os.listdir(tmp_path) == []


def test_a_place_where_no_folder_can_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(CannotSave, match=r"Can't save in .*/file: File exists\."):
        ExportedFolder(tmp_path / "file", "messages.html")
    with pytest.raises(CannotSave, match="File name too long"):
        ExportedFolder(tmp_path, "x" * 300)
    assert os.listdir(tmp_path) == ["file"]
