"""How long clients wait before connecting again, after what."""

from collections.abc import Iterable

from chat_tui.net.pauses import Pauses
from chat_tui.net.timeouts import Timeouts

TIMEOUTS = Timeouts(first_pause=0.5, longest_pause=30, settled_after=5)


def waits_between_sessions(lasting: float, count: int) -> list[float]:
    """Return how long a client waits after each of `count` sessions of this many seconds."""
    pauses = Pauses(TIMEOUTS)
    waits, now = [], 0.0
    for _ in range(count):
        pauses.session_began(now)
        now += lasting
        pauses.ended(now)
        waits.append(pauses.wait())
        now += waits[-1]
    return waits


def assert_spread_below(waits: Iterable[float], longest: Iterable[float]) -> None:
    """Check waits of which clients choose one each, from half of the longest on."""
    for wait, most in zip(waits, longest, strict=True):
        assert most / 2 <= wait <= most


def test_a_server_that_is_killed_again_and_again_is_met_as_soon_as_after_the_first_time() -> None:
    assert_spread_below(waits_between_sessions(lasting=10, count=20), [0.5] * 20)


def test_a_server_that_cuts_sessions_right_behind_the_log_in_is_asked_less_and_less_often() -> None:
    waits = waits_between_sessions(lasting=0.1, count=9)

    assert_spread_below(waits, [0.5, 1, 2, 4, 8, 16, 30, 30, 30])


def test_however_soon_sessions_are_cut_nobody_asks_more_than_twelve_times_a_minute() -> None:
    for lasting in (0, 1, 4.9, 5, 6):
        spent = sum(waits_between_sessions(lasting, count=100)) + 100 * lasting
        assert spent / 100 >= 5


def test_attempts_that_fail_are_forgotten_with_the_next_session() -> None:
    pauses = Pauses(TIMEOUTS)
    for _ in range(9):
        pauses.ended(0)
    assert_spread_below([pauses.wait()], [30])

    pauses.session_began(100)
    pauses.ended(100.1)

    assert pauses.attempt == 1
    assert_spread_below([pauses.wait()], [0.5])


def test_attempts_between_sessions_that_were_cut_do_not_end_their_row() -> None:
    pauses = Pauses(TIMEOUTS)
    for now in (0, 10, 20):
        pauses.session_began(now)
        pauses.ended(now)
        pauses.ended(now)

    assert pauses.attempt == 2
    assert_spread_below([pauses.wait()], [2])
