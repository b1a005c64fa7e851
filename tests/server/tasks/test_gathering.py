"""Many who ask at the same time are answered by one call, which began after they asked."""

from collections.abc import Sequence

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from chat_server.tasks.gathering import Gathering


class Desk:
    """Answers each question with the number of the call, once the test lets it."""

    def __init__(self, nursery: trio.Nursery, most: int = 10) -> None:
        self.calls: list[list[str]] = []
        self.answers: list[tuple[str, str]] = []
        self.failures = 0
        self._gathering = Gathering(self._answer, most)
        self._nursery = nursery
        self._held: list[trio.Event] = []

    async def ask(self, question: str) -> trio.CancelScope:
        """Ask; return when it waits or has the answer."""
        scope = trio.CancelScope()
        self._nursery.start_soon(self._ask, question, scope)
        await wait_all_tasks_blocked()
        return scope

    async def answer(self) -> None:
        """Let the oldest call return."""
        self._held.pop(0).set()
        await wait_all_tasks_blocked()

    async def _ask(self, question: str, scope: trio.CancelScope) -> None:
        with scope:
            try:
                self.answers.append((question, await self._gathering.ask(question)))
            except OSError:
                self.failures += 1

    async def _answer(self, questions: Sequence[str]) -> list[str]:
        self.calls.append(list(questions))
        number = len(self.calls)
        event = trio.Event()
        self._held.append(event)
        await event.wait()
        if "broken" in questions and number == 1:
            raise OSError
        return [f"{question}{number}" for question in questions]


async def test_a_lone_question_is_asked_at_once(nursery: trio.Nursery) -> None:
    desk = Desk(nursery)
    await desk.ask("a")

    assert desk.calls == [["a"]]
    await desk.answer()
    assert desk.answers == [("a", "a1")]


async def test_those_who_ask_during_a_call_are_answered_by_the_next_one_together(
    nursery: trio.Nursery,
) -> None:
    desk = Desk(nursery)
    for question in "aabcb":
        await desk.ask(question)
    await desk.answer()
    await desk.answer()

    assert desk.calls == [["a"], ["a", "b", "c"]]
    assert desk.answers[0] == ("a", "a1")
    assert sorted(desk.answers[1:]) == [("a", "a2"), ("b", "b2"), ("b", "b2"), ("c", "c2")]


async def test_no_more_than_the_limit_wait_for_one_call(nursery: trio.Nursery) -> None:
    desk = Desk(nursery, most=2)
    for question in "abbcd":
        await desk.ask(question)
    for _ in range(3):
        await desk.answer()

    assert desk.calls == [["a"], ["b"], ["c", "d"]]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_where_a_task_is_cancelled_the_others_have_their_answers(
    nursery: trio.Nursery, order: tuple[int, int]
) -> None:
    desk = Desk(nursery)
    await desk.ask("first")
    waiting = [await desk.ask("a"), await desk.ask("b"), await desk.ask("c")]
    await desk.answer()  # and the second call is under way
    waiting[order[0]].cancel()
    await wait_all_tasks_blocked()
    while desk._held:
        await desk.answer()

    assert sorted(answer[:1] for _, answer in desk.answers[1:]) == sorted(
        {"a", "b", "c"} - {"ab"[order[0]]}
    )


async def test_where_a_call_fails_the_others_ask_again(nursery: trio.Nursery) -> None:
    desk = Desk(nursery)
    async with trio.open_nursery() as together:
        together.start_soon(desk.ask, "broken")
        together.start_soon(desk.ask, "a")
    await desk.answer()
    while desk._held:
        await desk.answer()

    assert desk.failures == 1
    assert desk.calls[1:] in ([["broken", "a"]], [["a"]], [["a", "broken"]], [["broken"]])
    assert len(desk.answers) == 1
