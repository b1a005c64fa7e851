"""Everybody has a limited share of the gateway, and a refusal says what to do."""

import asyncio
from contextlib import ExitStack
from functools import partial

import pytest

from chat_tui.gateway.places import (
    HANDSHAKES,
    MAX_HANDSHAKES,
    MAX_PER_ADDRESS,
    MAX_STARTING,
    MAX_TERMINALS,
    MAX_WAITING,
    Handshake,
    NoPlaceError,
    Places,
)

pytestmark = pytest.mark.asyncio


async def test_one_address_has_a_share_and_the_others_theirs() -> None:
    places = Places()
    with ExitStack() as stack:
        for _ in range(MAX_PER_ADDRESS):
            stack.enter_context(places.terminal("192.0.2.1"))

        with pytest.raises(NoPlaceError, match="from your address"), places.terminal("192.0.2.1"):
            pass
        stack.enter_context(places.terminal("192.0.2.2"))
    stack.enter_context(places.terminal("192.0.2.1"))  # when somebody has left


async def test_all_together_have_a_limit() -> None:
    places = Places()
    with ExitStack() as stack:
        for number in range(MAX_TERMINALS):
            stack.enter_context(places.terminal(f"192.0.2.{number}"))

        with pytest.raises(NoPlaceError, match="in a few minutes"), places.terminal("192.0.3.1"):
            pass
    stack.enter_context(places.terminal("192.0.3.1"))


async def test_a_classroom_begins_its_handshakes_at_once_and_a_flood_in_turn() -> None:
    places = Places()

    waits = [places.handshake_wait("192.0.2.1") for _ in range(3 * HANDSHAKES)]

    assert waits[:HANDSHAKES] == pytest.approx([0.0] * HANDSHAKES, abs=1e-3)
    turns = [wait for wait in waits[HANDSHAKES:] if wait is not None]
    assert turns == sorted(turns)
    assert len(turns) in (HANDSHAKES, HANDSHAKES + 1)  # while this ran, one may have begun
    assert places.handshake_wait("192.0.2.2") == 0.0


async def test_of_too_many_handshakes_the_oldest_of_the_greediest_is_given_up() -> None:
    places, given_up = Places(), list[int]()
    others = Handshake("192.0.2.1", partial(given_up.append, -1))
    places.begin_handshake(others)
    hostile = [
        Handshake("192.0.2.66", partial(given_up.append, number))
        for number in range(MAX_HANDSHAKES)
    ]

    for handshake in hostile:
        places.begin_handshake(handshake)
    assert given_up == [0]
    places.end_handshake(hostile[0])  # as its connection is lost; it counts no longer already
    places.end_handshake(hostile[1])
    places.begin_handshake(Handshake("192.0.2.2", partial(given_up.append, -1)))
    assert given_up == [0]
    places.begin_handshake(Handshake("192.0.2.3", partial(given_up.append, -1)))

    assert given_up == [0, 2]


async def test_few_clients_start_at_once_and_the_others_wait_in_order() -> None:
    places, done, events = Places(), asyncio.Event(), list[str]()

    async def start(name: str) -> None:
        async with places.starting():
            events.append(name)
            await done.wait()

    names = [f"{number}" for number in range(MAX_STARTING + MAX_WAITING)]
    tasks = [asyncio.create_task(start(name)) for name in names]
    for _ in range(3):
        await asyncio.sleep(0)
    assert events == names[:MAX_STARTING]
    with pytest.raises(NoPlaceError, match="connecting right now"):
        await start("one too many")

    done.set()
    await asyncio.gather(*tasks)
    assert events == names


async def test_who_gives_up_waiting_leaves_the_queue() -> None:
    places, done = Places(), asyncio.Event()

    async def start() -> None:
        async with places.starting():
            await done.wait()

    tasks = [asyncio.create_task(start()) for _ in range(MAX_STARTING + MAX_WAITING)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    done.set()
    await start()
