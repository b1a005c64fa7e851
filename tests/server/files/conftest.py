"""A server that takes files, with two people who are logged in over real sockets."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chat_server.store.threads import Storage
from support.bucket import BucketService, bucket_service as running_service
from support.file_transfers import server_with_files
from support.peer import Peer, connected
from support.running_server import RunningServer


@pytest.fixture(scope="session")
def bucket_service() -> Iterator[BucketService]:
    """One for all tests, since it takes seconds to load; it must be running after each."""
    with running_service() as service:
        yield service


@pytest.fixture
async def server(disk_storage: Storage, tmp_path: Path) -> AsyncGenerator[RunningServer]:
    async with server_with_files(disk_storage, tmp_path) as server:
        yield server


@pytest.fixture
async def ada(server: RunningServer) -> AsyncGenerator[Peer]:
    async with on_a_socket(server, "Ada") as peer:
        yield peer


@pytest.fixture
async def ben(server: RunningServer) -> AsyncGenerator[Peer]:
    async with on_a_socket(server, "Ben") as peer:
        yield peer


@asynccontextmanager
async def on_a_socket(server: RunningServer, name: str) -> AsyncGenerator[Peer]:
    peer = await connected(await server.listen())
    await peer.resume(await server.token(name))
    yield peer
    await peer.aclose()
