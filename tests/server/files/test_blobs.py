"""Blobs in a folder and in a bucket: whole or not there, read in parts, removed without a trace."""

import hashlib
import random
from pathlib import Path

import pytest

from chat_server.files.blobs import BlobError, Blobs
from chat_server.files.bucket import BucketBlobs
from chat_server.files.folder import FolderBlobs
from chat_server.files.read_ahead import BLOCK
from chat_server.store.api.files import blob_key
from support.bucket import BucketService

_TEXT = b"Is there any soup?"
_KEY = blob_key(hashlib.sha256(_TEXT).digest(), 12)


@pytest.fixture(params=["folder", "bucket", "bucket with a prefix"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "folder":
        return FolderBlobs(tmp_path / "data" / "files")
    service: BucketService = request.getfixturevalue("bucket_service")
    address = service.new_bucket("chat/files/" if "prefix" in request.param else "")
    return BucketBlobs(address, service.endpoint, most_blocks=2)


def _file(tmp_path: Path, content: bytes = _TEXT) -> Path:
    path = tmp_path / "incoming"
    path.write_bytes(content)
    return path


def test_it_is_read_in_parts(blobs: Blobs, tmp_path: Path) -> None:
    blobs.put(_KEY, _file(tmp_path))

    assert blobs.read(_KEY, 3, 5) == _TEXT[3:8]
    assert blobs.read(_KEY, 10, 1_000) == _TEXT[10:]
    assert blobs.read(_KEY, len(_TEXT), 5) == b""
    assert blobs.size(_KEY) == len(_TEXT)
    assert list(blobs.sizes()) == [(_KEY, len(_TEXT))]
    assert blobs.where(_KEY).endswith(_KEY[2:])


def test_to_put_it_again_does_nothing(blobs: Blobs, tmp_path: Path) -> None:
    source = _file(tmp_path)
    blobs.put(_KEY, source)
    blobs.put(_KEY, source)

    assert blobs.read(_KEY, 0, 100) == _TEXT


def test_a_removed_blob_is_not_there(blobs: Blobs, tmp_path: Path) -> None:
    blobs.put(_KEY, _file(tmp_path))
    blobs.remove(_KEY)
    blobs.remove(_KEY)

    assert blobs.size(_KEY) is None
    assert list(dict(blobs.sizes())) == []
    with pytest.raises(BlobError):
        blobs.read(_KEY, 0, 1)


def test_nothing_can_be_put_that_is_not_there(blobs: Blobs, tmp_path: Path) -> None:
    with pytest.raises(BlobError, match=r"^No such file or directory$"):
        blobs.put(_KEY, tmp_path / "nothing")
    assert list(dict(blobs.sizes())) == []


def test_no_key_leads_out_of_the_folder(blobs: Blobs) -> None:
    with pytest.raises(AssertionError):
        blobs.read("../../etc/passwd", 0, 1)


def test_many_are_all_listed_and_an_empty_one_is_a_blob(blobs: Blobs, tmp_path: Path) -> None:
    keys = [blob_key(hashlib.sha256(b"").digest(), number) for number in range(1, 6)]
    for key in keys:
        blobs.put(key, _file(tmp_path, b""))

    assert sorted(blobs.sizes()) == [(key, 0) for key in keys]
    assert (blobs.size(keys[0]), blobs.read(keys[0], 0, 10)) == (0, b"")


def test_a_large_one_is_read_across_any_border(blobs: Blobs, tmp_path: Path) -> None:
    content = random.Random(1).randbytes(2 * BLOCK + 1_000)
    blobs.put(_KEY, _file(tmp_path, content))

    for at in 0, BLOCK - 10, BLOCK, 2 * BLOCK - 1, 2 * BLOCK, 2 * BLOCK + 990:
        assert blobs.read(_KEY, at, 20) == content[at : at + 20]
    assert blobs.read(_KEY, 5, 3 * BLOCK) == content[5:]


def test_its_file_is_gone_when_it_is_stored(blobs: Blobs, tmp_path: Path) -> None:
    source = _file(tmp_path)
    blobs.put(_KEY, source)

    assert not source.exists()
    blobs.put(_KEY, _file(tmp_path))  # as after a crash before that
    assert blobs.read(_KEY, 0, 100) == _TEXT
    assert not source.exists()
