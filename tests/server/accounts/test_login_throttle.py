"""A few wrong passwords are free; then guessing slows down, for nobody but the guesser."""

from contextlib import closing, suppress
from pathlib import Path

import apsw
import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from chat_server.accounts import login_throttle as throttle_module
from chat_server.accounts.login_throttle import BACK_OFF, LoginThrottle
from chat_server.sessions.rate_limits import BackOff
from chat_server.store.threads import Storage, open_storage
from chat_shared.errors import Code, Refused
from support.clock import Clock
from support.inline_storage import InlineStorage

_RULE = BackOff(free=5, first=2.0, longest=900.0, forget=86_400.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def _wrong() -> bool:
    return False


async def _right() -> bool:
    return True


async def _never() -> bool:
    raise AssertionError("it was not to be looked at")


async def _wait_of(throttle: LoginThrottle, *about: str) -> float:
    """Return how long an attempt made now must wait."""
    with pytest.raises(Refused) as caught:
        await throttle.attempt(_never, *about)
    assert caught.value.code is Code.TOO_FAST
    assert caught.value.retry_after is not None
    return caught.value.retry_after


async def _use_up(throttle: LoginThrottle, *about: str) -> None:
    for _ in range(BACK_OFF.free):
        assert not await throttle.attempt(_wrong, *about)


# --- the rule


def test_five_are_free_and_then_the_waits_double_up_to_a_quarter_of_an_hour() -> None:
    assert [_RULE.wait(mistakes, 0) for mistakes in range(6)] == [0, 0, 0, 0, 0, 2]
    assert [_RULE.wait(mistakes, 0) for mistakes in range(6, 16)] == [
        4, 8, 16, 32, 64, 128, 256, 512, 900, 900,
    ]  # fmt: skip
    assert _RULE.wait(10**9, 0) == 900


def test_elapsed_time_counts_and_a_clock_set_back_does_not() -> None:
    assert _RULE.wait(7, 5.5) == 2.5
    assert _RULE.wait(7, 8.0) == 0
    assert _RULE.wait(7, -1000.0) == 8


def test_a_day_later_it_is_over() -> None:
    assert not _RULE.is_over(86_399.9)
    assert _RULE.is_over(86_400.0)


def test_the_rule_in_use_is_the_documented_one() -> None:
    assert _RULE == BACK_OFF


# --- attempts


async def test_wrong_ones_wait_longer_each_time_and_are_not_verified_before(
    storage: InlineStorage, clock: Clock
) -> None:
    throttle = LoginThrottle(storage, clock)
    await _use_up(throttle, "ada")

    for wait in (2.0, 4.0, 8.0):
        assert await _wait_of(throttle, "ada") == wait
        clock.pass_by(wait - 0.5)
        assert await _wait_of(throttle, "ada") == 0.5
        clock.pass_by(0.5)
        assert not await throttle.attempt(_wrong, "ada")


async def test_being_refused_makes_nothing_worse(storage: InlineStorage, clock: Clock) -> None:
    throttle = LoginThrottle(storage, clock)
    await _use_up(throttle, "ada")

    assert {await _wait_of(throttle, "ada") for _ in range(100)} == {2.0}


async def test_a_right_one_clears_the_wrong_ones(storage: InlineStorage, clock: Clock) -> None:
    throttle = LoginThrottle(storage, clock)
    await _use_up(throttle, "ada")
    clock.pass_by(2)

    assert await throttle.attempt(_right, "ada")
    await _use_up(throttle, "ada")
    assert await _wait_of(throttle, "ada") == 2.0


async def test_they_are_forgotten_after_a_day(storage: InlineStorage, clock: Clock) -> None:
    throttle = LoginThrottle(storage, clock)
    await _use_up(throttle, "ada")
    clock.pass_by(BACK_OFF.forget)

    await _use_up(throttle, "ada")
    assert await _wait_of(throttle, "ada") == 2.0


async def test_they_survive_a_restart(tmp_path: Path, clock: Clock) -> None:
    for free in (True, False):
        async with open_storage(tmp_path / "chat.db", "process") as storage:
            if free:
                await _use_up(LoginThrottle(storage, clock), "ada")
            assert await _wait_of(LoginThrottle(storage, clock), "ada") == 2.0


async def test_each_guesser_and_each_target_is_counted_separately(
    storage: InlineStorage, clock: Clock
) -> None:
    throttle = LoginThrottle(storage, clock)
    await _use_up(throttle, "account", "ada", "192.0.2.1")

    for other in (
        ("account", "ada", "192.0.2.2"),
        ("account", "ben", "192.0.2.1"),
        ("room", "ada", "192.0.2.1"),
        ("account", "ada', '192.0.2.1"),
    ):
        assert not await throttle.attempt(_wrong, *other)


async def test_a_thousand_at_the_same_time_gain_no_more_than_five(
    storage: InlineStorage, clock: Clock
) -> None:
    throttle = LoginThrottle(storage, clock)
    looked_at = []

    async def slowly_wrong() -> bool:
        looked_at.append(1)
        await wait_all_tasks_blocked()
        return False

    async def attempt() -> None:
        with suppress(Refused):
            await throttle.attempt(slowly_wrong, "ada")

    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            for _ in range(1000):
                nursery.start_soon(attempt)

    assert len(looked_at) == BACK_OFF.free


async def test_a_dozen_right_ones_at_the_same_time_are_all_right(
    storage: InlineStorage, clock: Clock
) -> None:
    throttle = LoginThrottle(storage, clock)
    for _ in range(BACK_OFF.free - 1):
        assert not await throttle.attempt(_wrong, "ada")
    right = []

    async def attempt() -> None:
        right.append(await throttle.attempt(slowly_right, "ada"))

    async def slowly_right() -> bool:
        await wait_all_tasks_blocked()
        return True

    async with trio.open_nursery() as nursery:
        for _ in range(12):
            nursery.start_soon(attempt)

    assert right == [True] * 12


async def test_one_that_is_given_up_keeps_nobody_waiting(
    storage: InlineStorage, clock: Clock
) -> None:
    throttle = LoginThrottle(storage, clock)

    async def endless() -> bool:
        await trio.sleep_forever()
        raise AssertionError

    async with trio.open_nursery() as nursery:
        nursery.start_soon(throttle.attempt, endless, "ada")
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()

    assert await throttle.attempt(_right, "ada")


@pytest.mark.parametrize("back", [60, 3_600, 400 * 86_400])
async def test_a_clock_that_was_set_back_costs_one_wait_and_no_more(
    storage: InlineStorage, clock: Clock, back: int
) -> None:
    throttle = LoginThrottle(storage, clock)
    await _use_up(throttle, "ada")
    clock.pass_by(-back)

    assert await _wait_of(throttle, "ada") == 2.0
    clock.pass_by(2)
    assert await throttle.attempt(_right, "ada")


async def test_an_attempt_that_was_not_verified_does_not_count(
    storage: InlineStorage, clock: Clock
) -> None:
    throttle = LoginThrottle(storage, clock)

    async def busy() -> bool:
        raise Refused(Code.TOO_FAST, "Too many wait.")

    for _ in range(100):
        with pytest.raises(Refused, match=r"Too many wait\."):
            await throttle.attempt(busy, "ada")
    await _use_up(throttle, "ada")


def _stored_times(folder: Path) -> list[int]:
    """Return when the attempts were made that the database in `folder` has stored."""
    with closing(apsw.Connection(str(folder / "chat.db"))) as db:
        return [at for (at,) in db.execute("SELECT at FROM login_attempt ORDER BY at")]


async def test_the_table_is_bounded_and_the_oldest_go(
    disk_storage: Storage, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle_module, "MAX_ENTRIES", 10)
    monkeypatch.setattr(throttle_module, "_TRIM_EVERY", 5)
    throttle = LoginThrottle(disk_storage, clock)
    for number in range(41):
        clock.pass_by(1)
        await throttle.attempt(_wrong, str(number))

    assert _stored_times(tmp_path) == [clock.now - 1000 * age for age in range(9, -1, -1)]


async def test_expired_ones_are_removed(
    disk_storage: Storage, tmp_path: Path, clock: Clock
) -> None:
    await LoginThrottle(disk_storage, clock).attempt(_wrong, "ada")
    clock.pass_by(BACK_OFF.forget + 1)
    await LoginThrottle(disk_storage, clock).attempt(_wrong, "ben")

    assert _stored_times(tmp_path) == [clock.now]
