"""One call that answers many who ask at the same time.

While a call is under way, those who ask gather, and the next call answers them all. So a lone
question waits for nobody, and a thousand at once are a few calls.
"""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Final, Generic, TypeVar

import trio

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Gathering(Generic[K, V]):
    """Questions, each of which `answer` answers after it was asked, and never before.

    `answer` is called with different questions, and returns their answers in the same order.
    At most `most` tasks wait for one call: they all go on in one turn of the loop.
    """

    def __init__(self, answer: Callable[[Sequence[K]], Awaitable[Sequence[V]]], most: int) -> None:
        self._answer = answer
        self._most: Final = most
        self._next: _Batch[K, V] = _Batch()  # that still gathers
        self._calling: Final = trio.Lock()

    async def ask(self, question: K) -> V:
        """Return the answer to `question`. Cancellable. Raises what `answer` raises.

        Where that raises, or its task is cancelled, the others ask again.
        """
        batch = self._next
        batch.add(question)
        if batch.askers >= self._most:
            self._next = _Batch()
        while batch.answers is None:
            if batch.is_led:
                await batch.led.wait()
            else:
                await self._lead(batch)
        return batch.answers[question]

    async def _lead(self, batch: "_Batch[K, V]") -> None:
        """Call once the call before is over; let another task do so if that fails."""
        batch.is_led = True
        try:
            async with self._calling:
                if batch is self._next:  # what is asked from now on may be answered differently
                    self._next = _Batch()
                questions = list(batch.questions)
                answers = await self._answer(questions)
            batch.answers = dict(zip(questions, answers, strict=True))
        finally:
            batch.end_lead()


class _Batch(Generic[K, V]):
    """The questions for one call. One of the tasks that asked makes it, and leads."""

    __slots__ = ("answers", "askers", "is_led", "led", "questions")

    def __init__(self) -> None:
        self.questions: dict[K, None] = {}  # each once, in their order
        self.askers = 0
        self.answers: dict[K, V] | None = None
        self.is_led = False
        self.led = trio.Event()

    def add(self, question: K) -> None:
        self.questions[question] = None
        self.askers += 1

    def end_lead(self) -> None:
        """Let the others go on: with the answers, or one of them to lead."""
        self.is_led = False
        self.led.set()
        self.led = trio.Event()
