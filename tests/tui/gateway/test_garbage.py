"""Old garbage is collected in a worker, also what was left out because it was in use."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from chat_tui.gateway import garbage as module
from chat_tui.gateway.garbage import Garbage
from chat_tui.gateway.turns import Turns

pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


class Node:
    def __init__(self) -> None:
        self.itself = self


async def test_what_became_garbage_after_it_was_left_out_is_collected_when_it_is_quiet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(module, "QUIET_FOR", 0.0)
    garbage, node = Garbage(Turns()), Node()
    collected = asyncio.Event()
    watching = weakref.ref(node, lambda _: collected.set())
    gc.freeze()  # as a client that is in use
    running = asyncio.create_task(garbage.run())

    del node
    garbage.note_end()

    await asyncio.wait_for(collected.wait(), 30)
    assert watching() is None
    running.cancel()
