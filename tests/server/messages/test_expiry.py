"""Expiry follows the clock, and a clock that leaps erases nothing that could still be saved."""

from collections.abc import MutableMapping
from typing import Any, Final

import pytest
import trio

from chat_server.messages.expiry import HOLD_HOURS, LEAP_DAYS, ExpiryClock
from chat_server.messages.retention import Retention
from chat_server.store.api import GENERAL_ROOM, Draft, Expiry, Store
from support.clock import Clock
from support.inline_storage import InlineStorage

DAY: Final = 86_400  # seconds
LOOKS: Final = 600  # seconds between two looks


async def _expiry(storage: InlineStorage) -> int:
    return (await storage.read(lambda store: store.expiry())).time


async def _run(expiry: ExpiryClock, clock: Clock, seconds: float) -> list[int]:
    """Look at the clock every ten minutes; return up to what times things have expired."""
    times = []
    for _ in range(round(seconds / LOOKS)):
        await trio.sleep(LOOKS)
        clock.pass_by(LOOKS)
        times.append(await expiry.look(warn=True))
    return times


async def test_it_follows_the_clock(
    storage: InlineStorage, clock: Clock, autojump_clock: trio.abc.Clock
) -> None:
    expiry = ExpiryClock(storage, clock)
    assert await expiry.look(warn=True) == clock.now
    assert await _run(expiry, clock, DAY) == [clock.now - 1000 * t for t in range(85_800, -1, -600)]


async def test_it_follows_a_server_that_was_off_for_a_long_weekend(
    storage: InlineStorage, clock: Clock
) -> None:
    await ExpiryClock(storage, clock).look(warn=True)
    clock.pass_by(LEAP_DAYS * DAY)

    assert await ExpiryClock(storage, clock).look(warn=True) == clock.now


async def test_a_longer_leap_is_followed_in_steps_after_a_day_of_running_each(
    storage: InlineStorage,
    clock: Clock,
    autojump_clock: trio.abc.Clock,
    logged: list[MutableMapping[str, Any]],
) -> None:
    start = clock.now
    await ExpiryClock(storage, clock).look(warn=True)
    clock.pass_by(400 * DAY)

    expiry = ExpiryClock(storage, clock)
    assert await expiry.look(warn=True) == start
    assert len(logged) == 1
    assert set(await _run(expiry, clock, HOLD_HOURS * 3_600 - LOOKS)) == {start}
    again = ExpiryClock(storage, clock)  # a restart does not begin the wait again
    assert await again.look(warn=True) == start
    assert await _run(again, clock, LOOKS) == [start + LEAP_DAYS * DAY * 1000]
    assert set(await _run(again, clock, DAY - LOOKS)) == {start + LEAP_DAYS * DAY * 1000}
    assert [line["log_level"] for line in logged] == ["warning"] * 3


async def test_what_was_off_for_a_month_is_caught_up_with(
    storage: InlineStorage, clock: Clock, autojump_clock: trio.abc.Clock
) -> None:
    await ExpiryClock(storage, clock).look(warn=True)
    clock.pass_by(30 * DAY)

    expiry = ExpiryClock(storage, clock)
    await expiry.look(warn=True)
    assert (await _run(expiry, clock, 15 * DAY))[-1] == clock.now


async def test_a_clock_set_back_expires_nothing_more_and_its_return_is_no_leap(
    storage: InlineStorage, clock: Clock, autojump_clock: trio.abc.Clock
) -> None:
    expiry = ExpiryClock(storage, clock)
    before = await expiry.look(warn=True)
    clock.pass_by(-400 * DAY)
    assert await expiry.look(warn=True) == clock.now
    clock.pass_by(400 * DAY + 1)

    assert await expiry.look(warn=True) == clock.now
    assert await _expiry(storage) == before + 1000


async def test_where_nothing_expires_a_leap_is_not_logged(
    storage: InlineStorage, clock: Clock, logged: list[MutableMapping[str, Any]]
) -> None:
    await ExpiryClock(storage, clock).look(warn=False)
    clock.pass_by(400 * DAY)
    await ExpiryClock(storage, clock).look(warn=False)

    assert logged == []


@pytest.mark.parametrize("days", [400, 72 * 365], ids=["a year", "a lifetime"])
async def test_a_start_with_a_clock_that_is_wrong_erases_nothing(
    storage: InlineStorage, clock: Clock, autojump_clock: trio.abc.Clock, days: int
) -> None:
    def post(store: Store) -> None:
        ada = store.add_account("ada", "Ada", "hash", 1)
        store.append([Draft(GENERAL_ROOM, ada.id, "text", str(n)) for n in range(9)], clock.now)
        store.set_expiry(Expiry(clock.now))

    await storage.write(post)
    clock.pass_by(days * DAY)

    await Retention(storage, 90 * DAY * 1000, clock).remove_expired()

    kept = await storage.read(lambda store: store.messages_after(GENERAL_ROOM, 0, 99))
    assert len(kept) == 9
