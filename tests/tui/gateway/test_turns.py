"""Those who type are drawn first, and nobody is left out."""

import asyncio

import pytest

from chat_tui.gateway import turns as module
from chat_tui.gateway.turns import Turns

pytestmark = pytest.mark.asyncio


async def test_who_has_pressed_a_key_is_drawn_before_all_who_wait() -> None:
    turns, drawn = Turns(), list[str]()

    async def draw(name: str) -> None:
        async with turns.turn(name):
            drawn.append(name)

    async with asyncio.TaskGroup() as others:
        for name in ("ben", "cora", "dan"):
            others.create_task(draw(name))
        await asyncio.sleep(0)
        turns.press("ada")
        for _ in range(10):  # her key is being handled
            await asyncio.sleep(0)
        await draw("ada")

    assert drawn == ["ada", "ben", "cora", "dan"]


async def test_between_two_of_the_others_what_has_arrived_is_handled() -> None:
    turns, done = Turns(), list[str]()

    async def draw(name: str) -> None:
        async with turns.turn(name):
            done.append(name)
            if name == "ben":
                asyncio.get_running_loop().call_soon(done.append, "key")

    async with asyncio.TaskGroup() as others:
        for name in ("ben", "cora"):
            others.create_task(draw(name))

    assert done == ["ben", "key", "cora"]


async def test_a_key_that_draws_nothing_holds_the_others_up_for_a_moment_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "KEY_WITHIN", 0.01)
    turns = Turns()
    turns.press("ada")

    async with turns.turn("ben"):
        pass
    async with turns.turn("ada"):  # no longer before the others, and drawn all the same
        pass


async def test_keys_without_end_hold_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEY_WITHIN", 0.01)
    turns = Turns()

    async def press_on() -> None:
        while True:
            turns.press("ada")
            turns.press("eve")
            await asyncio.sleep(0)

    pressing = asyncio.create_task(press_on())
    for _ in range(3):
        async with turns.turn("ben"):
            pass
    pressing.cancel()
