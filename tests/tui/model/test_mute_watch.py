from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from chat_tui.commands.durations import rfc3339
from chat_tui.model.mute_watch import MuteWatch
from chat_tui.model.room import Room


class Timers:
    """Timers that run when the test says so."""

    def __init__(self) -> None:
        self.set: list[float] = []
        self._calls: list[Callable[[], None]] = []

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        self.set.append(seconds)
        self._calls.append(call)

    def run(self) -> None:
        calls, self._calls = self._calls, []
        for call in calls:
            call()


def muted(seconds: float) -> Room:
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    return Room("kitchen", muted=True, muted_until=rfc3339(until))


def test_the_sentence_says_that_we_are_muted_and_the_end_is_noticed_once() -> None:
    timers, room = Timers(), muted(30)
    ends: list[bool] = []
    watch = MuteWatch(timers.later, lambda: ends.append(watch.update(room)))

    assert not watch.update(room)
    assert watch.sentence.startswith("You're muted in kitchen until ")
    assert len(timers.set) == 1
    assert 29 < timers.set[0] <= 30

    room.muted_until = "2026-01-01T00:00:00.000Z"  # as if it had passed
    timers.run()
    assert ends == [True]
    assert watch.sentence == ""
    assert not watch.update(room)


def test_it_looks_again_every_minute_since_computers_sleep() -> None:
    timers, room = Timers(), muted(3600)
    watch = MuteWatch(timers.later, lambda: watch.update(room))

    watch.update(room)
    watch.update(room)  # one timer at a time
    timers.run()

    assert timers.set == [60, 60]


def test_another_room_ends_no_mute() -> None:
    timers = Timers()
    watch = MuteWatch(timers.later, lambda: None)
    watch.update(muted(60))

    assert not watch.update(Room("general"))
    assert watch.sentence == ""
    assert watch.update(muted(60)) is False
    assert watch.sentence


def test_a_mute_without_an_end_needs_no_timer() -> None:
    timers = Timers()
    watch = MuteWatch(timers.later, lambda: None)

    watch.update(Room("kitchen", muted=True))

    assert watch.sentence == "You're muted in kitchen."
    assert timers.set == []
