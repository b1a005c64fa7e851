"""Content that a disk or a bucket has lost is there again once somebody uploads it again."""

import os
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from chat_server.config import Config
from chat_server.files.blobs import Blobs
from chat_server.files.folder import FolderBlobs
from chat_server.files.sweeping import FileSweeper
from chat_server.store.threads import Storage
from chat_shared import messages as m
from chat_shared.errors import Code
from support.bucket import BucketService
from support.file_transfers import begin, download, post, upload, wide_limits
from support.peer import Peer
from support.running_server import RunningServer, running_server

_CONTENT = bytes(range(256)) * 400


@pytest.fixture(params=["folder", "bucket"])
async def server(
    disk_storage: Storage, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncGenerator[RunningServer]:
    config = Config(data=tmp_path, limits=wide_limits())
    if request.param == "bucket":
        service: BucketService = request.getfixturevalue("bucket_service")
        config = Config(
            data=tmp_path,
            bucket=f"{service.new_bucket()}",
            bucket_endpoint=service.endpoint,
            limits=wide_limits(),
        )
    async with running_server(disk_storage, config) as server:
        yield server


@pytest.fixture
def blobs(server: RunningServer) -> Blobs:
    return server.services.uploads.blobs


def _lose_all(blobs: Blobs) -> None:
    for key in list(dict(blobs.sizes())):
        blobs.remove(key)


def _shorten_all(blobs: Blobs) -> None:
    for key in list(dict(blobs.sizes())):
        if isinstance(blobs, FolderBlobs):
            os.truncate(blobs.path(key), 100)
        else:
            blobs.remove(key)  # an object is whole, or not there


@pytest.mark.parametrize("lose", [_lose_all, _shorten_all])
async def test_who_uploads_it_again_mends_it_in_all_messages(
    server: RunningServer, blobs: Blobs, ada: Peer, ben: Peer, lose: Callable[[Blobs], None]
) -> None:
    first, second = await upload(ada, _CONTENT), await upload(ben, _CONTENT)
    for peer, file in (ada, first), (ben, second):
        await post(peer, file)
    lose(blobs)
    assert await ben.code(m.Download(first, 0, id=1)) == Code.INTERNAL

    third = await upload(ben, _CONTENT, name="again.txt")
    await post(ben, third)

    for file in first, second, third:
        assert await download(ada, file, len(_CONTENT)) == _CONTENT
    uploads = server.services.uploads
    await FileSweeper(server.storage, uploads, uploads.now).sweep()
    assert len(list(dict(blobs.sizes()))) == 1
    assert await download(ada, first, len(_CONTENT)) == _CONTENT


async def test_an_upload_that_is_lost_before_it_is_posted_is_begun_again(
    blobs: Blobs, ada: Peer, ben: Peer
) -> None:
    lost = await upload(ada, _CONTENT)
    _lose_all(blobs)

    again = await begin(ada, _CONTENT)
    assert again.at == 0
    assert again.upload != lost
    file = await upload(ada, _CONTENT)
    await post(ada, file)
    assert await download(ben, file, len(_CONTENT)) == _CONTENT
