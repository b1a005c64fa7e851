"""A bucket that is away, silent, or not ours is an error, soon. See also `test_blobs`."""

import hashlib
import socket
from pathlib import Path

import pytest

from chat_server.addresses import BucketAddress
from chat_server.files import bucket
from chat_server.files.blobs import BlobError, Blobs
from chat_server.files.bucket import BucketBlobs
from chat_server.store.api.files import blob_key
from support.bucket import BucketService
from support.dark import dark_address

_TEXT = b"Is there any soup?"
_KEY = blob_key(hashlib.sha256(_TEXT).digest(), 12)
_SOON = 0.2  # seconds


def _file(tmp_path: Path) -> Path:
    path = tmp_path / "incoming"
    path.write_bytes(_TEXT)
    return path


def _failures(blobs: Blobs, path: Path) -> list[str]:
    """Return what each request says that cannot be made."""
    reasons = []
    for request in (
        lambda: blobs.put(_KEY, path),
        lambda: blobs.read(_KEY, 0, 1),
        lambda: blobs.remove(_KEY),
        lambda: blobs.size(_KEY),
        lambda: list(dict(blobs.sizes())),
    ):
        with pytest.raises(BlobError) as raised:
            request()
        reasons.append(f"{raised.value}")
    return reasons


def test_what_is_not_ours_in_a_bucket_is_not_listed(
    bucket_service: BucketService, tmp_path: Path
) -> None:
    address = bucket_service.new_bucket("chat/")
    for stray in "readme", _KEY, f"other/{_KEY}", "chat/notes", f"chat/more/{_KEY}":
        bucket_service.add(address, stray)
    blobs = BucketBlobs(address, bucket_service.endpoint, most_blocks=1)
    assert list(dict(blobs.sizes())) == []

    blobs.put(_KEY, _file(tmp_path))
    assert list(dict(blobs.sizes())) == [_KEY]
    assert bucket_service.objects(address)[f"chat/{_KEY}"] == _TEXT


def test_a_bucket_that_is_away_is_an_error_and_the_file_stays(
    bucket_service: BucketService, tmp_path: Path
) -> None:
    path = _file(tmp_path)
    blobs = BucketBlobs(bucket_service.new_bucket(), bucket_service.endpoint, most_blocks=1)
    with bucket_service.stopped():
        reasons = _failures(blobs, path)

    assert {text.partition(":")[0] for text in reasons} == {"Could not connect to the endpoint URL"}
    blobs.put(_KEY, path)
    assert blobs.read(_KEY, 0, 100) == _TEXT


def test_a_bucket_that_does_not_exist_is_an_error(
    bucket_service: BucketService, tmp_path: Path
) -> None:
    blobs = BucketBlobs(BucketAddress("nobodys"), bucket_service.endpoint, most_blocks=1)

    with pytest.raises(BlobError, match=r"The specified bucket does not exist$"):
        blobs.put(_KEY, _file(tmp_path))
    with pytest.raises(BlobError, match=r"The specified bucket does not exist$"):
        blobs.remove(_KEY)


def test_a_service_that_takes_no_connection_is_not_waited_for(
    bucket_service: BucketService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "CONNECT_WITHIN", _SOON)
    with dark_address() as dark:
        blobs = BucketBlobs(BucketAddress("chat"), f"http://{dark}", most_blocks=1)
        with pytest.raises(BlobError, match=r"^Connect timeout on endpoint URL"):
            blobs.size(_KEY)


def test_a_service_that_does_not_answer_is_asked_so_often(
    bucket_service: BucketService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "ANSWER_WITHIN", _SOON)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        blobs = BucketBlobs(BucketAddress("chat"), endpoint, most_blocks=1)
        with pytest.raises(BlobError, match=r"^Read timeout on endpoint URL"):
            blobs.size(_KEY)

        silent.setblocking(False)
        for _ in range(bucket.ATTEMPTS):
            silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()
