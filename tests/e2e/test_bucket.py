"""Servers with one store in PostgreSQL and one bucket: whichever leads has all files."""

import random
from collections.abc import Iterator

import pytest
import trio

from chat_shared import messages as m
from support.bucket import BucketService, bucket_service
from support.file_transfers import download, post, upload
from support.nodes import running_nodes
from support.postgresql import empty_database

_CONTENT = random.Random(1).randbytes(300_000)


@pytest.fixture
def service() -> Iterator[BucketService]:
    with bucket_service() as service:
        yield service


async def test_another_machine_gives_out_what_was_sent_to_the_first(service: BucketService) -> None:
    where = ("--bucket", f"{service.new_bucket()}", "--bucket-endpoint", service.endpoint)
    with empty_database() as url:
        async with running_nodes(url, flags=where) as cluster:
            leader, other = await cluster.wait_leader()
            ada = await cluster.connect()
            await ada.register("Ada")
            file = await upload(ada, _CONTENT)
            await post(ada, file)
            half = await ada.grant(m.Upload("general", "b", 9, "ab" * 32, id=1), m.UploadState)

            await leader.kill()
            await trio.aclose_forcefully(ada.stream)
            ada, node = await cluster.connect_to_any()
            await ada.log_in("Ada")
            assert node is other
            assert await download(ada, file, len(_CONTENT)) == _CONTENT
            again = await ada.grant(m.Upload("general", "b", 9, "ab" * 32, id=1), m.UploadState)
            assert (again.upload, again.at) == (half.upload, 0)
            await ada.aclose()
