"""A crowd begins at once, a flood waits its turn, and addresses do not wait for each other."""

from itertools import repeat

import pytest
from hypothesis import given, strategies as st

from chat_shared.handshakes import Handshakes

_ADDRESS = "192.0.2.1"


def test_a_crowd_begins_at_once_and_those_who_follow_wait_in_turn() -> None:
    handshakes = Handshakes(100, within=5.0)

    waits = [handshakes.wait(address, 7.0) for address in repeat(_ADDRESS, 103)]

    assert waits[:100] == pytest.approx([0.0] * 100)
    assert waits[100:] == pytest.approx([0.05, 0.1, 0.15])
    assert handshakes.wait("192.0.2.2", 7.0) == 0.0


def test_nobody_waits_for_longer_than_it_takes_to_begin_anew() -> None:
    handshakes = Handshakes(10, within=5.0)
    for _ in range(20):
        handshakes.wait(_ADDRESS, 0.0)

    assert handshakes.wait(_ADDRESS, 0.0) is None
    assert handshakes.wait(_ADDRESS, 0.0) is None  # those refused are not counted
    assert handshakes.wait(_ADDRESS, 0.5) == pytest.approx(5.0)
    assert [handshakes.wait(_ADDRESS, 100.0) for _ in range(10)] == pytest.approx([0.0] * 10)


def test_addresses_are_forgotten_that_are_as_good_as_new() -> None:
    handshakes = Handshakes(10, within=5.0)
    for number in range(1_000):
        handshakes.wait(f"address {number}", float(number))

    assert len(handshakes) == 1


@given(st.lists(st.floats(0, 0.3), max_size=300), st.integers(1, 20))
def test_no_more_begin_in_any_time_than_there_may_be(pauses: list[float], burst: int) -> None:
    handshakes, now, begun = Handshakes(burst, within=5.0), 0.0, list[float]()
    for pause in pauses:
        now += pause
        if (wait := handshakes.wait(_ADDRESS, now)) is not None:
            begun.append(now + wait)

    begun.sort()
    for first, at in enumerate(begun):
        later = [other for other in begun[first:] if other < at + 5.0 - 1e-6]
        assert len(later) <= 2 * burst
