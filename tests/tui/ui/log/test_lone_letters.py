from collections.abc import Callable
from typing import cast

from textual.timer import Timer

from chat_tui.ui.log.lone_letters import ALONE, LoneLetters


class _Clock:
    """Calls what a timer would, when a test says so."""

    def __init__(self) -> None:
        self.due: Callable[[], object] | None = None

    def set_timer(self, seconds: float, then: Callable[[], object]) -> Timer:
        assert seconds == ALONE
        self.due = then
        return cast("Timer", self)

    def stop(self) -> None:
        self.due = None

    def pass_by(self) -> None:
        if self.due is not None:
            self.due()


def _letters() -> tuple[LoneLetters, _Clock, list[str]]:
    clock = _Clock()
    return LoneLetters(clock.set_timer), clock, []


def test_a_letter_acts_once_it_stays_alone() -> None:
    letters, clock, done = _letters()

    assert letters.hold("r", lambda: done.append("r"))
    assert done == []
    clock.pass_by()
    clock.pass_by()

    assert done == ["r"]
    assert letters.take() == ""


def test_another_letter_makes_both_a_text() -> None:
    letters, clock, done = _letters()
    letters.hold("r", lambda: done.append("r"))

    assert not letters.hold("e", lambda: done.append("e"))
    assert letters.take() == "r"
    clock.pass_by()

    assert done == []


def test_a_move_acts_at_once_and_is_text_if_a_word_follows() -> None:
    letters, clock, done = _letters()

    assert letters.move("k", lambda: done.append("k"))
    assert letters.hold("r", lambda: done.append("r"))
    assert letters.take() == "kr"

    letters.move("k", lambda: done.append("k"))
    clock.pass_by()
    letters.hold("r", lambda: done.append("r"))
    assert letters.take() == "r"
    assert done == ["k", "k"]


def test_moves_in_a_row_begin_no_word() -> None:
    letters, _, done = _letters()

    for _ in range(5):
        assert letters.move("k", lambda: done.append("k"))
    assert letters.hold("r", lambda: done.append("r"))

    assert letters.take() == "r"
    assert done == ["k"] * 5


def test_a_move_within_a_word_is_a_letter() -> None:
    letters, _, done = _letters()
    letters.hold("o", lambda: done.append("o"))

    assert not letters.move("k", lambda: done.append("k"))
    assert done == []


def test_another_key_makes_the_letter_act_now() -> None:
    letters, _, done = _letters()

    assert not letters.release()
    letters.hold("d", lambda: done.append("d"))
    assert letters.release()
    assert not letters.release()

    assert done == ["d"]
