"""A few wrong passwords are free; then guessing slows down, for nobody but the guesser."""

from contextlib import suppress

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from chat_server.accounts.login_throttle import BACK_OFF, LoginThrottle
from chat_server.sessions.rate_limits import BackOff
from chat_shared.errors import Code, Refused
from support.clock import Clock
from support.inline_storage import InlineStorage


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


def test_five_are_free_and_a_day_later_all_is_forgotten() -> None:
    assert BackOff(free=5, first=2.0, longest=900.0, forget=86_400.0) == BACK_OFF


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


async def test_of_those_with_one_key_one_is_verified_at_a_time_also_of_those_who_come_later(
    storage: InlineStorage, clock: Clock
) -> None:
    throttle = LoginThrottle(storage, clock)
    verifying, most = 0, 0

    async def right() -> bool:
        nonlocal verifying, most
        verifying += 1
        most = max(most, verifying)
        for _ in range(5):
            await trio.lowlevel.checkpoint()
        verifying -= 1
        return True

    async with trio.open_nursery() as nursery:
        for _ in range(10):
            nursery.start_soon(throttle.attempt, right, "ada")
            for _ in range(4):
                await trio.lowlevel.checkpoint()

    assert most == 1


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


async def _busy() -> bool:
    raise Refused(Code.TOO_FAST, "Too many wait.")


async def _is_not_verified(throttle: LoginThrottle, *about: str) -> None:
    with pytest.raises(Refused, match=r"Too many wait\."):
        await throttle.attempt(_busy, *about)


async def test_an_attempt_that_was_not_verified_does_not_count(
    storage: InlineStorage, clock: Clock
) -> None:
    throttle = LoginThrottle(storage, clock)
    for _ in range(100):
        await _is_not_verified(throttle, "ada")
    await _use_up(throttle, "ada")


async def test_an_attempt_that_was_not_verified_takes_back_itself_and_no_other(
    storage: InlineStorage, clock: Clock
) -> None:
    throttle = LoginThrottle(storage, clock)
    await _use_up(throttle, "ada")
    clock.pass_by(2)
    for _ in range(3):  # and those who were refused need not wait again
        await _is_not_verified(throttle, "ada")

    assert not await throttle.attempt(_wrong, "ada")
    assert await _wait_of(throttle, "ada") == 4.0


async def test_the_sentence_says_how_long_to_wait(storage: InlineStorage, clock: Clock) -> None:
    throttle = LoginThrottle(storage, clock)
    await _use_up(throttle, "ada")
    sentences = []
    for wait in (2, 4, 8, 16, 32, 64, 128, 256, 512, 900):
        with pytest.raises(Refused, match="Too many wrong passwords") as caught:
            await throttle.attempt(_never, "ada")
        sentences.append(str(caught.value).removeprefix("Too many wrong passwords. Try again in "))
        clock.pass_by(wait)
        assert not await throttle.attempt(_wrong, "ada")
    clock.pass_by(899.7)
    with pytest.raises(Refused, match=r"Try again in 1 second\."):
        await throttle.attempt(_never, "ada")

    assert sentences == [
        *("2 seconds.", "4 seconds.", "8 seconds.", "16 seconds.", "32 seconds.", "64 seconds."),
        *("2 minutes.", "4 minutes.", "9 minutes.", "15 minutes."),
    ]
