import stat
from pathlib import Path

import pytest

from chat_tui.storage.atomic_write import write_private
from support.open_files import open_files
from support.power_cut import Disk


def test_a_file_is_written_completely_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "not" / "there" / "file"
    write_private(path, b"one")
    write_private(path, b"two")

    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["file"]


def test_a_power_cut_leaves_the_old_or_the_new_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_private(tmp_path / "file", b"old")
    disk = Disk(tmp_path, monkeypatch)

    write_private(tmp_path / "file", b"new")

    assert disk.left() == {"file": b"new"}
    assert open_files(tmp_path) == []


def test_the_leftover_of_a_crash_is_replaced(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "file.new").symlink_to(elsewhere)

    write_private(tmp_path / "file", b"one")

    assert not elsewhere.exists()


def test_a_failing_disk_raises(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        write_private(tmp_path / "file" / "below", b"one")
