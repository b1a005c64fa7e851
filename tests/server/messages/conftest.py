"""Two people on a server whose storage fails or waits on request."""

import pytest

from support.peer import Peer
from support.running_server import RunningServer


@pytest.fixture
async def ada(faulty_server: RunningServer) -> Peer:
    return await faulty_server.log_in("Ada")


@pytest.fixture
async def ben(faulty_server: RunningServer) -> Peer:
    return await faulty_server.log_in("Ben")
