"""In the tests of rooms, the test sets the clock, and rooms may have guests."""

from collections.abc import AsyncGenerator

import pytest

from support.clock import Clock
from support.guests import configured
from support.inline_storage import InlineStorage
from support.running_server import RunningServer


@pytest.fixture
async def server(storage: InlineStorage, clock: Clock) -> AsyncGenerator[RunningServer]:
    """A running server with wide limits, whose clock is set by the test."""
    async with configured(storage, clock=clock) as server:
        yield server
