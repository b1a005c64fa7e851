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


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(module, "QUIET_FOR", 0.0)


async def test_what_became_garbage_after_it_was_left_out_is_collected_when_it_is_quiet() -> None:
    garbage, node = Garbage(Turns()), Node()
    collected = asyncio.Event()
    watching = weakref.ref(node, lambda _: collected.set())
    gc.collect()  # from which on it is old
    running = asyncio.create_task(garbage.run())

    del node
    garbage.note_end()

    await asyncio.wait_for(collected.wait(), 30)
    assert watching() is None
    running.cancel()


async def test_what_outlived_a_while_is_collected_although_people_type(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "QUIET_FOR", 60.0)
    monkeypatch.setattr(module, "GROWN", 3)
    node = Node()
    collected = asyncio.Event()
    watching = weakref.ref(node, lambda _: collected.set())
    running = asyncio.create_task(Garbage(Turns()).run())
    await asyncio.sleep(0)
    gc.collect(0)  # after which the youngest garbage is no longer it

    del node
    kept = [Node() for _ in range(5 * gc.get_threshold()[0])]

    await asyncio.wait_for(collected.wait(), 30)
    assert watching() is None
    assert kept
    running.cancel()


async def test_what_was_made_before_the_fork_is_not_even_looked_at() -> None:
    shared = Node()
    untouched = weakref.ref(shared)
    gc.freeze()  # as the spawner does
    collected = asyncio.Event()
    garbage = Garbage(Turns())
    running = asyncio.create_task(garbage.run())

    del shared
    own = Node()
    watching = weakref.ref(own, lambda _: collected.set())
    del own
    garbage.note_end()

    await asyncio.wait_for(collected.wait(), 30)
    assert watching() is None
    assert untouched() is not None
    running.cancel()


async def test_to_look_at_everything_takes_a_hundredth_of_the_time_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, collections = 1000.0, 0
    monkeypatch.setattr(module, "monotonic", lambda: now)
    turns = Turns()
    garbage = Garbage(turns)

    def collect(generation: int = 2) -> int:
        nonlocal now, collections
        now += 0.2
        collections += generation == 2
        return 0

    monkeypatch.setattr(gc, "collect", collect)
    for _ in range(50):  # in each of which something has changed, for a hundred seconds
        garbage.note_end()
        garbage._ended = 1
        garbage._look()
        now += 2.0

    assert collections == 5  # one after each twenty seconds

    for _ in range(module.MAX_ENDED):
        garbage.note_end()
    garbage._look()
    assert collections == 6
