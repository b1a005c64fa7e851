"""A part of the disk is held until the disk is full."""

import os
import stat
from pathlib import Path

import pytest

from chat_server.store.reserve import RESERVE, Reserve


@pytest.fixture
def path(tmp_path: Path) -> Path:
    disk = os.statvfs(tmp_path)
    if disk.f_bavail * disk.f_frsize < 16 * RESERVE:
        pytest.skip("there is too little space for this here")
    return tmp_path / "reserve" / "space"


def test_it_takes_its_part_of_the_disk(path: Path) -> None:
    assert Reserve(path).hold()

    found = path.stat()
    assert found.st_size == RESERVE
    assert found.st_blocks * 512 >= RESERVE
    assert stat.S_IMODE(found.st_mode) == 0o600


def test_released_it_is_gone_until_it_is_held_again(path: Path) -> None:
    reserve = Reserve(path)
    reserve.hold()

    assert reserve.release()
    assert not path.exists()
    assert not reserve.release()
    assert reserve.hold()
    assert path.exists()


def test_what_an_earlier_process_held_is_taken_over(path: Path) -> None:
    Reserve(path).hold()
    before = path.stat().st_ino

    assert Reserve(path).hold()
    assert path.stat().st_ino == before


def test_a_file_without_bytes_on_the_disk_is_replaced(path: Path) -> None:
    path.parent.mkdir()
    with path.open("wb") as file:
        file.truncate(RESERVE)

    assert Reserve(path).hold()
    assert path.stat().st_blocks * 512 >= RESERVE


def test_without_a_path_nothing_is_held() -> None:
    assert Reserve(None).hold()
    assert not Reserve(None).release()
