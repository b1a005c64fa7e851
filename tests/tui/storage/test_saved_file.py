"""Downloads get names of their own, and what is not whole leaves nothing."""

import os
import stat
from itertools import islice
from pathlib import Path

import pytest

from chat_tui.storage.saved_file import CannotSave, PartFile, downloads_folder, names_like
from support.full_disk import files_of_at_most


def saved(folder: Path, name: str, data: bytes = b"soup") -> Path:
    part = PartFile(folder, len(data))
    part.write(data)
    try:
        return part.finish(name)
    finally:
        part.discard()


def test_nothing_is_overwritten_whatever_is_there(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(b"mine")
    (tmp_path / "report (1).pdf").symlink_to("/nowhere")

    assert saved(tmp_path, "report.pdf") == tmp_path / "report (2).pdf"

    assert (tmp_path / "report.pdf").read_bytes() == b"mine"
    assert (tmp_path / "report (2).pdf").read_bytes() == b"soup"
    assert not (tmp_path / "report (1).pdf").exists()


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../.ssh/authorized_keys", "authorized_keys"),
        ("C:\\x\\.profile", "profile"),
        ("\x1b[2Jcon\u202e.txt", "[2Jcon.txt"),
        ("...", "file"),
        ("/", "file"),
    ],
)
def test_a_name_leads_nowhere_else(name: str, clean: str, tmp_path: Path) -> None:
    assert saved(tmp_path, name) == tmp_path / clean


def test_names_count_before_the_ending_and_stay_short_enough() -> None:
    assert list(islice(names_like("a.tar.gz"), 3)) == ["a.tar.gz", "a.tar (1).gz", "a.tar (2).gz"]
    assert list(islice(names_like("README"), 2)) == ["README", "README (1)"]
    long = list(names_like("ü" * 300 + ".pdf"))
    assert len(set(long)) == len(long) == 1_000
    assert all(len(name.encode()) <= 255 and name.endswith(".pdf") for name in long)


def test_it_is_the_owners_alone_and_cannot_be_run(tmp_path: Path) -> None:
    path = saved(tmp_path, "run.sh")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_is_made_and_one_that_cannot_be_is_told(tmp_path: Path) -> None:
    assert saved(tmp_path / "a" / "b", "x").exists()
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(CannotSave, match=r"Can't save in .*/file: File exists\."):
        PartFile(tmp_path / "file", 1)


def test_what_is_not_finished_leaves_nothing(tmp_path: Path) -> None:
    part = PartFile(tmp_path, 4)
    part.write(b"so")
    assert len(list(tmp_path.iterdir())) == 1

    part.discard()

    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_no_more_is_told_in_a_sentence(tmp_path: Path) -> None:
    part = PartFile(tmp_path, 20_000)
    with files_of_at_most(10_000):
        part.write(bytes(5_000))
        with pytest.raises(CannotSave, match=r"Can't save in .*: File too large\."):
            part.write(bytes(15_000))
    part.discard()

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_leaves_too_little_space_is_not_begun(tmp_path: Path) -> None:
    with pytest.raises(CannotSave, match=rf"There is too little space left in {tmp_path}\."):
        PartFile(tmp_path, 10**18)

    assert list(tmp_path.iterdir()) == []


def test_files_go_where_the_desktop_has_its_downloads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    assert downloads_folder() == tmp_path / "Downloads"

    os.mkdir(tmp_path / ".config")
    (tmp_path / ".config" / "user-dirs.dirs").write_text('XDG_DOWNLOAD_DIR="$HOME/Hämtningar"\n')
    assert downloads_folder() == tmp_path / "Hämtningar"
