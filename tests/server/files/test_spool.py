"""The spool: an upload grows at its end only, and survives everything but a wrong digest."""

import hashlib
import os
import sys
from pathlib import Path

import pytest

from chat_server.files.blobs import NoSpaceError
from chat_server.files.disk import free_bytes
from chat_server.files.spool import Spool
from support.full_disk import files_of_at_most


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "files" / "incoming", keep_free=0)


def test_an_upload_grows_at_its_end(spool: Spool) -> None:
    assert spool.size(7) == 0
    assert spool.append(7, 0, b"Is there ") == 9
    assert spool.append(7, 9, b"any soup?") == 18

    assert spool.size(7) == 18
    assert spool.path(7).read_bytes() == b"Is there any soup?"


@pytest.mark.parametrize("at", [0, 8, 10, 1_000_000])
def test_what_begins_elsewhere_changes_nothing(spool: Spool, at: int) -> None:
    spool.append(7, 0, b"Is there ")

    assert spool.append(7, at, b"no ") == 9
    assert spool.path(7).read_bytes() == b"Is there "


def test_its_digest_and_its_beginning_are_read(spool: Spool) -> None:
    content = bytes(range(256)) * 10_000
    spool.append(7, 0, content)

    assert spool.read_whole(7) == (hashlib.sha256(content).digest(), content[:12])


def test_an_empty_file_needs_no_chunk(spool: Spool) -> None:
    assert spool.read_whole(7) == (hashlib.sha256().digest(), b"")
    assert spool.path(7).exists()


def test_it_is_listed_until_it_is_removed(spool: Spool) -> None:
    assert spool.ids() == []
    spool.append(7, 0, b"soup")
    spool.append(12, 0, b"bread")
    (spool.folder / "notes.txt").touch()
    assert sorted(spool.ids()) == [7, 12]

    spool.remove(7)
    spool.remove(7)
    assert spool.ids() == [12]


def test_others_cannot_read_it(spool: Spool) -> None:
    spool.append(7, 0, b"soup")

    assert spool.path(7).stat().st_mode & 0o777 == 0o600
    assert spool.folder.stat().st_mode & 0o777 == 0o700


def test_some_of_the_disk_stays_free(tmp_path: Path) -> None:
    spool = Spool(tmp_path, keep_free=free_bytes(tmp_path) * 2)

    with pytest.raises(NoSpaceError):
        spool.check_space(1)
    with pytest.raises(NoSpaceError):
        spool.append(7, 0, b"soup")
    assert spool.ids() == []


def test_a_chunk_that_the_disk_does_not_take_leaves_nothing(spool: Spool) -> None:
    spool.append(7, 0, b"soup")
    with files_of_at_most(6), pytest.raises(NoSpaceError):
        spool.append(7, 4, b" and bread")

    assert spool.path(7).read_bytes() == b"soup"
    assert spool.append(7, 4, b" and bread") == 14


@pytest.mark.skipif(sys.platform == "darwin", reason="no such system call")
def test_the_disk_begins_with_a_chunk_at_once(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    advice: list[tuple[int, int, int]] = []
    monkeypatch.setattr(os, "posix_fadvise", lambda _, *given: advice.append(given))
    spool.append(7, 0, b"soup")
    spool.append(7, 4, b" and bread")

    assert advice == [(0, 4, os.POSIX_FADV_DONTNEED), (4, 10, os.POSIX_FADV_DONTNEED)]
