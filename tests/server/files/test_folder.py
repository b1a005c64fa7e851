"""Blobs in a folder are private files with two levels above them. See also `test_blobs`."""

import hashlib
from pathlib import Path

import pytest

from chat_server.files.blobs import BlobError, Blobs, NoSpaceError
from chat_server.files.disk import disk_errors, free_bytes, make_folder
from chat_server.files.folder import FolderBlobs
from chat_server.store.api.files import blob_key
from support.full_disk import files_of_at_most, small_disk

_TEXT = b"Is there any soup?"
_KEY = blob_key(hashlib.sha256(_TEXT).digest(), 12)


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "data" / "files")


def _file(tmp_path: Path, content: bytes = _TEXT) -> Path:
    path = tmp_path / "incoming"
    path.write_bytes(content)
    return path


def test_a_blob_is_found_in_two_levels_of_folders_that_are_private(
    blobs: Blobs, tmp_path: Path
) -> None:
    source = _file(tmp_path)
    source.chmod(0o600)
    blobs.put(_KEY, source)

    path = tmp_path / "data" / "files" / _KEY[:2] / _KEY[2:]
    assert path.read_bytes() == _TEXT
    assert not source.exists()
    assert [part.stat().st_mode & 0o777 for part in (path, path.parent, path.parents[1])] == [
        *(0o600, 0o700, 0o700)
    ]


def test_what_is_no_blob_is_not_listed(blobs: FolderBlobs, tmp_path: Path) -> None:
    blobs.put(_KEY, _file(tmp_path))
    make_folder(blobs.folder / "incoming")
    for stray in ("incoming/12", "ab/notes", "readme"):
        make_folder((blobs.folder / stray).parent)
        (blobs.folder / stray).touch()

    assert list(dict(blobs.sizes())) == [_KEY]


def test_a_symbolic_link_is_no_blob(blobs: FolderBlobs, tmp_path: Path) -> None:
    secret = _file(tmp_path)
    make_folder(blobs.path(_KEY).parent)
    blobs.path(_KEY).symlink_to(secret)

    with pytest.raises(BlobError):
        blobs.read(_KEY, 0, 100)


def test_free_space_is_that_of_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "not" / "yet") > 0


def test_where_the_disk_has_no_place_for_a_name_the_content_stays_where_it_was(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "disk", "nr_inodes=4") as disk:
        blobs, source = FolderBlobs(disk / "files"), disk / "incoming"
        source.write_bytes(_TEXT)
        (disk / "of another program").touch()
        with pytest.raises(NoSpaceError):
            blobs.put(_KEY, source)
        assert source.read_bytes() == _TEXT
        assert list(blobs.sizes()) == []

        (disk / "of another program").unlink()
        blobs.put(_KEY, source)
        assert blobs.read(_KEY, 0, 100) == _TEXT


def test_a_full_disk_has_an_error_of_its_own(tmp_path: Path) -> None:
    with files_of_at_most(10), pytest.raises(NoSpaceError), disk_errors():
        (tmp_path / "file").write_bytes(bytes(11))
