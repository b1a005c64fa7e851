"""Fixtures of the server's tests: a storage, a server on it, and its log lines."""

from collections.abc import AsyncGenerator, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from trio.testing import wait_all_tasks_blocked

from chat_server.store.sqlite.storage import open_storage
from chat_server.store.threads import Storage
from support.clock import Clock
from support.inline_storage import InlineStorage, inline_storage
from support.peer import Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage
from support.streams import SocketPair, socket_pair


@pytest.fixture
def storage() -> Iterator[InlineStorage]:
    """The real store without threads: fit for a virtual clock."""
    with inline_storage() as storage:
        yield storage


@pytest.fixture
def clock() -> Clock:
    """The time of day, for what takes it from here."""
    return Clock()


@pytest.fixture
async def disk_storage(tmp_path: Path) -> AsyncGenerator[Storage]:
    """The real store on its threads and in a file."""
    async with open_storage(tmp_path / "chat.db", "process") as storage:
        yield storage


@pytest.fixture
async def server(storage: InlineStorage) -> AsyncGenerator[RunningServer]:
    """A running server with wide limits."""
    async with running_server(storage) as server:
        yield server


@pytest.fixture
def faults(storage: InlineStorage) -> FaultyStorage:
    """A storage that fails or waits on request."""
    return FaultyStorage(storage)


@pytest.fixture
async def faulty_server(faults: FaultyStorage) -> AsyncGenerator[RunningServer]:
    """A server on `faults`, which has read what it reads by itself after its start."""
    async with running_server(faults) as server:
        await wait_all_tasks_blocked()
        yield server


@pytest.fixture
async def ada(faulty_server: RunningServer) -> Peer:
    """Ada, logged in to the server on `faults`."""
    return await faulty_server.log_in("Ada")


@pytest.fixture
async def ben(faulty_server: RunningServer) -> Peer:
    """Ben, logged in to the server on `faults`."""
    return await faulty_server.log_in("Ben")


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """Every line that is logged, as its fields."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture
def sockets() -> Iterator[SocketPair]:
    """Two connected sockets with as little buffer as the system allows."""
    with socket_pair() as pair:
        yield pair
