"""A part that fails is logged, counted and started again; the others go on."""

from collections.abc import MutableMapping
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from chat_server.errors import ServerFailedError
from chat_server.tasks.parts import FIRST_PAUSE, LONGEST_PAUSE, PartFailedError, Parts


class Failing:
    """A part that fails so many times, and then ends."""

    def __init__(self, times: int, lasts: float = 0) -> None:
        self._left = times
        self._lasts = lasts  # seconds until it fails
        self.starts: list[float] = []

    async def run(self) -> None:
        self.starts.append(trio.current_time())
        await trio.sleep(self._lasts)
        if self._left:
            self._left -= 1
            raise PermissionError("the secret number 7")


async def test_a_failed_part_starts_again_after_pauses_that_double(
    autojump_clock: MockClock,
) -> None:
    parts, part, begin = Parts(), Failing(9), trio.current_time()
    await parts.run("search", part.run)

    pauses = [after - before for before, after in zip(part.starts, part.starts[1:], strict=False)]
    assert part.starts[0] == begin
    assert pauses[:3] == pytest.approx([FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE])
    assert pauses[-1] == pytest.approx(LONGEST_PAUSE)


async def test_a_part_that_ran_for_long_starts_again_after_a_short_pause(
    autojump_clock: MockClock,
) -> None:
    part = Failing(4, lasts=LONGEST_PAUSE + 1)
    await Parts().run("search", part.run)

    period = LONGEST_PAUSE + 1 + FIRST_PAUSE
    assert part.starts[-1] - part.starts[0] == pytest.approx(4 * period)


async def test_failures_are_shown_while_it_waits_and_when_it_runs_again(
    mock_clock: MockClock, nursery: trio.Nursery
) -> None:
    parts, part = Parts(), Failing(1, lasts=5)
    nursery.start_soon(parts.run, "search", part.run)
    await trio.testing.wait_all_tasks_blocked()
    (shown,) = parts
    assert (shown.name, shown.running, shown.failures, shown.error) == ("search", True, 0, "")

    mock_clock.jump(5)
    await trio.testing.wait_all_tasks_blocked()
    assert (shown.running, shown.failures, shown.error) == (False, 1, "PermissionError")

    mock_clock.jump(FIRST_PAUSE)
    await trio.testing.wait_all_tasks_blocked()
    assert (shown.running, shown.failures) == (True, 1)
    mock_clock.jump(5)


async def test_a_failure_is_logged(logged: list[MutableMapping[str, Any]]) -> None:
    parts = Parts()
    parts.close()
    await parts.run("search", Failing(1).run)

    assert [(line["event"], line["part"]) for line in logged] == [("part failed", "search")]


async def test_while_the_server_ends_a_failed_part_gets_one_more_start_without_a_pause(
    nursery: trio.Nursery, mock_clock: MockClock
) -> None:
    parts, part = Parts(), Failing(9)
    nursery.start_soon(parts.run, "read state", part.run)
    await trio.testing.wait_all_tasks_blocked()
    parts.close()
    await trio.testing.wait_all_tasks_blocked()

    assert len(part.starts) == 2
    assert not nursery.child_tasks
    assert mock_clock.current_time() == part.starts[0]


async def test_what_a_server_cannot_go_on_without_ends_it() -> None:
    async def run() -> None:
        raise ServerFailedError

    with pytest.raises(ServerFailedError):
        await Parts().run("journal", run)


async def test_a_failure_that_the_part_has_logged_is_only_counted(
    logged: list[MutableMapping[str, Any]],
) -> None:
    async def run() -> None:
        raise PartFailedError from OSError("disk full")

    parts = Parts()
    parts.close()
    await parts.run("search", run)

    (part,) = parts
    assert (part.failures, part.error, logged) == (1, "OSError", [])
