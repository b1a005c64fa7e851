"""Callers take turns, and the queue is bounded without crowding anybody out."""

from collections.abc import Hashable

import trio
from hypothesis import given, strategies as st
from trio.testing import wait_all_tasks_blocked

from chat_server.tasks.fair_queue import FairQueue, QueueFullError


class Line:
    """A queue, and the order in which its callers had their turns; each is ended by the test."""

    def __init__(self, queue: FairQueue, nursery: trio.Nursery) -> None:
        self.queue = queue
        self.turns: list[Hashable] = []
        self.refused: list[Hashable] = []
        self._nursery = nursery
        self._end: list[trio.Event] = []

    async def ask(self, caller: Hashable) -> trio.CancelScope:
        """Ask for a turn of `caller`; return when it waits or has it."""
        scope = trio.CancelScope()
        self._nursery.start_soon(self._take_turn, caller, scope)
        await wait_all_tasks_blocked()
        return scope

    async def end_all(self) -> None:
        """End turns, oldest first, until nobody has one."""
        while self._end:
            self._end.pop(0).set()
            await wait_all_tasks_blocked()

    async def _take_turn(self, caller: Hashable, scope: trio.CancelScope) -> None:
        end = trio.Event()
        try:
            with scope:
                async with self.queue.turn(caller):
                    self.turns.append(caller)
                    self._end.append(end)
                    await end.wait()
        except QueueFullError:
            self.refused.append(caller)


async def test_callers_take_turns_however_often_each_has_asked(nursery: trio.Nursery) -> None:
    line = Line(FairQueue(slots=1, most=10), nursery)
    for caller in "aaaabbc":
        await line.ask(caller)
    await line.end_all()

    assert line.turns == list("aabcaba")


async def test_as_many_work_at_once_as_there_are_slots(nursery: trio.Nursery) -> None:
    line = Line(FairQueue(slots=2, most=10), nursery)
    for caller in "abc":
        await line.ask(caller)

    assert line.turns == ["a", "b"]
    assert len(line.queue) == 1
    await line.end_all()
    assert line.turns == ["a", "b", "c"]


async def test_when_it_is_full_who_has_most_waiting_loses_the_newest(
    nursery: trio.Nursery,
) -> None:
    line = Line(FairQueue(slots=1, most=3), nursery)
    for caller in "aaaa":
        await line.ask(caller)
    await line.ask("b")
    assert line.refused == ["a"]
    await line.ask("a")
    assert line.refused == ["a", "a"]
    await line.end_all()

    assert line.turns == ["a", "a", "b", "a"]


async def test_when_all_wait_alike_the_newcomer_is_refused(nursery: trio.Nursery) -> None:
    line = Line(FairQueue(slots=1, most=2), nursery)
    for caller in "abcd":
        await line.ask(caller)
    assert line.refused == ["d"]

    await line.end_all()
    assert line.turns == ["a", "b", "c"]


async def test_who_gives_up_takes_no_turn_and_keeps_no_slot(nursery: trio.Nursery) -> None:
    line = Line(FairQueue(slots=1, most=10), nursery)
    working = await line.ask("a")
    waiting = await line.ask("b")
    await line.ask("c")

    waiting.cancel()
    await wait_all_tasks_blocked()
    assert len(line.queue) == 1
    working.cancel()
    await wait_all_tasks_blocked()
    assert line.turns == ["a", "c"]
    await line.end_all()
    await line.ask("d")
    assert line.turns == ["a", "c", "d"]
    await line.end_all()


async def test_a_turn_that_is_granted_while_its_caller_gives_up_is_passed_on(
    nursery: trio.Nursery,
) -> None:
    line = Line(FairQueue(slots=1, most=10), nursery)
    working = await line.ask("a")
    waiting = await line.ask("b")
    await line.ask("c")

    working.cancel()
    waiting.cancel()
    await wait_all_tasks_blocked()
    assert line.turns == ["a", "c"]
    await line.end_all()
    assert len(line.queue) == 0


@given(callers=st.lists(st.sampled_from("abcd"), max_size=30))
def test_nobody_waits_for_more_than_one_turn_of_each_other_caller(callers: list[str]) -> None:
    async def turns() -> list[Hashable]:
        async with trio.open_nursery() as nursery:
            line = Line(FairQueue(slots=1, most=100), nursery)
            for caller in ["first", *callers, "last"]:
                await line.ask(caller)
            await line.end_all()
        return line.turns

    order = trio.run(turns)
    before = order[: order.index("last")]

    assert sorted(map(str, order)) == sorted(["first", *callers, "last"])
    assert all(before.count(caller) <= 1 for caller in "abcd")
