"""Counts of wrong passwords survive a restart; expired ones go, and no memory is used for long."""

import gc
from contextlib import closing
from pathlib import Path

import apsw
import pytest
import trio

from chat_server.accounts import login_throttle as throttle_module
from chat_server.accounts.login_throttle import BACK_OFF, LoginThrottle
from chat_server.store.sqlite.storage import open_storage
from chat_server.store.threads import Storage
from chat_shared.errors import Refused
from support.clock import Clock
from support.inline_storage import InlineStorage


async def _wrong() -> bool:
    return False


async def test_they_survive_a_restart(tmp_path: Path, clock: Clock) -> None:
    for free in (True, False):
        async with open_storage(tmp_path / "chat.db", "process") as storage:
            throttle = LoginThrottle(storage, clock)
            for _ in range(BACK_OFF.free if free else 0):
                assert not await throttle.attempt(_wrong, "ada")
            with pytest.raises(Refused, match=r"Try again in 2 seconds\."):
                await throttle.attempt(_wrong, "ada")


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


async def test_expired_ones_are_removed_and_no_others(
    disk_storage: Storage, tmp_path: Path, clock: Clock
) -> None:
    await LoginThrottle(disk_storage, clock).attempt(_wrong, "ada")
    clock.pass_by(BACK_OFF.forget - 1)
    await LoginThrottle(disk_storage, clock).attempt(_wrong, "ben")
    first, second = _stored_times(tmp_path)
    clock.pass_by(2)
    await LoginThrottle(disk_storage, clock).attempt(_wrong, "cleo")

    assert second - first == (BACK_OFF.forget - 1) * 1000
    assert _stored_times(tmp_path) == [second, clock.now]


async def test_nothing_is_left_in_memory_of_attempts_that_are_over(
    storage: InlineStorage, clock: Clock
) -> None:
    throttle = LoginThrottle(storage, clock)
    before = _locks_in_memory()
    for number in range(10):
        assert not await throttle.attempt(_wrong, str(number))

    assert _locks_in_memory() <= before


def _locks_in_memory() -> set[trio.Lock]:
    gc.collect()
    return {thing for thing in gc.get_objects() if isinstance(thing, trio.Lock)}
