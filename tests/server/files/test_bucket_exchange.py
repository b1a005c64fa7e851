"""A server whose files are in a bucket: what people send is there, and the bucket may be away."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from chat_server.addresses import BucketAddress
from chat_server.config import Config
from chat_server.files.blobs import BlobError
from chat_server.files.sweeping import FileSweeper
from chat_server.store.threads import Storage
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_CHUNK
from support.bucket import BucketService
from support.file_transfers import begin, chunk_of, download, post, upload, wide_limits
from support.peer import Peer
from support.running_server import RunningServer, running_server

_CONTENT = bytes(range(256)) * 400


@pytest.fixture
def address(bucket_service: BucketService) -> BucketAddress:
    return bucket_service.new_bucket("chat/")


@pytest.fixture
async def server(
    disk_storage: Storage, tmp_path: Path, bucket_service: BucketService, address: BucketAddress
) -> AsyncGenerator[RunningServer]:
    config = Config(
        data=tmp_path,
        bucket=f"{address}",
        bucket_endpoint=bucket_service.endpoint,
        limits=wide_limits(),
    )
    async with running_server(disk_storage, config) as server:
        yield server


@pytest.fixture
def sweeper(server: RunningServer) -> FileSweeper:
    uploads = server.services.uploads
    return FileSweeper(server.storage, uploads, uploads.now)


def _files(data: Path) -> list[str]:
    return [path.name for path in (data / "files").rglob("*") if path.is_file()]


async def test_a_file_is_in_the_bucket_until_its_message_is_deleted(
    ada: Peer,
    ben: Peer,
    sweeper: FileSweeper,
    bucket_service: BucketService,
    address: BucketAddress,
    tmp_path: Path,
) -> None:
    id = await upload(ada, _CONTENT)
    accepted = await post(ada, id)
    assert await download(ben, id, len(_CONTENT)) == _CONTENT
    assert [*bucket_service.objects(address).values()] == [_CONTENT]
    assert _files(tmp_path) == []

    await ada.delete(accepted.seq)
    await sweeper.sweep()
    assert bucket_service.objects(address) == {}
    assert await ben.code(m.Download(id, 0, id=1)) == Code.NO_SUCH_FILE


async def test_an_upload_goes_on_when_the_bucket_is_back_and_talk_does_meanwhile(
    ada: Peer, ben: Peer, bucket_service: BucketService
) -> None:
    id = await _upload_to_its_last_chunk(ada)
    last = len(_CONTENT) - len(_CONTENT) % MAX_CHUNK
    with bucket_service.stopped():
        refused = await ada.refusal(chunk_of(ada, id, last, _CONTENT[last:]))
        assert refused.message.startswith("The server couldn't store or read this file. Try again")
        assert refused.retry_after
        await ada.post("the storage is down")
        assert (await ben.expect(m.Posted)).text == "the storage is down"

    assert (await begin(ada, _CONTENT)).at == len(_CONTENT)  # none of it is sent again
    await post(ada, id)
    assert await download(ben, id, len(_CONTENT)) == _CONTENT


async def test_the_sweeper_tries_again_when_the_bucket_is_back(
    ada: Peer, sweeper: FileSweeper, bucket_service: BucketService, address: BucketAddress
) -> None:
    accepted = await post(ada, await upload(ada, _CONTENT))
    await ada.delete(accepted.seq)
    with bucket_service.stopped(), pytest.raises(BlobError):
        await sweeper.sweep()
    assert len(bucket_service.objects(address)) == 1

    await sweeper.sweep()
    assert bucket_service.objects(address) == {}


async def _upload_to_its_last_chunk(peer: Peer) -> int:
    state = await begin(peer, _CONTENT)
    at = 0
    while len(_CONTENT) - at > MAX_CHUNK:
        request = chunk_of(peer, state.upload, at, _CONTENT[at : at + MAX_CHUNK])
        at = (await peer.grant(request, m.UploadState)).at
    return state.upload
