"""In the tests of rooms, the test sets the clock."""

from collections.abc import AsyncGenerator

import pytest

from support.clock import Clock
from support.inline_storage import InlineStorage
from support.running_server import RunningServer, running_server


@pytest.fixture
async def server(storage: InlineStorage, clock: Clock) -> AsyncGenerator[RunningServer]:
    """A running server with wide limits, whose clock is set by the test."""
    async with running_server(storage, now=clock) as server:
        yield server
