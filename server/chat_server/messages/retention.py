"""Removes expired messages, in steps so small that no post waits for them.

A step is one short transaction on the store's writer; between two of them
other writes have their turn. Everything is kept unless the operator says otherwise,
and what has expired is up to `ExpiryClock`.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

import structlog
import trio

from chat_server.messages.expiry import ExpiryClock
from chat_server.store.api import Store, StoreError
from chat_server.store.threads import Storage
from chat_server.tasks.parts import PartFailedError

log = structlog.get_logger()

STEP: Final = 500  # rows of one transaction: some 4 ms on a small machine, as a slow commit
_PAUSE: Final = 0.1  # seconds between steps: a twentieth of the writer's time, at 5,000 rows/s
_PERIOD: Final = 600.0  # seconds between passes: nobody relies on the minute
_RETRY: Final = 5.0  # seconds until deleted texts are tried to be erased again
_ATTEMPTS: Final = 24  # of that, two minutes: longer than a backup mostly takes

# Milliseconds after which a deleted room's rows are removed: posts that were pending
# when it was deleted have been stored by then, and need its row.
_PURGE_AFTER: Final = 3_600_000


class Retention:
    """Removes what has expired. `run` is its only task."""

    def __init__(self, storage: Storage, keep: int, now: Callable[[], int]) -> None:
        self._storage = storage
        self._keep = keep  # milliseconds, for rooms without a time of their own; 0 for no end
        self._clock = ExpiryClock(storage, now)
        self._named: list[str] | None = None  # the programs that the log names as readers

    async def run(self) -> None:
        """Remove what has expired, again and again. Raises PartFailedError if that fails."""
        while True:
            try:
                await self.remove_expired()
            except StoreError as exc:
                log.error("old messages not removed", reason=str(exc))
                raise PartFailedError from exc
            await trio.sleep(_PERIOD)

    async def remove_expired(self) -> None:
        """Remove all that has expired at this moment, and the rows of deleted rooms."""
        found = await self._storage.read(lambda store: store.keep_times())
        times = {room: self._keep if keep is None else keep for room, keep in found}
        now = await self._clock.look(warn=any(times.values()))
        for room, time in times.items():
            if time:
                await self._remove_messages(room, now, time)
                await self._repeat(partial(_remove_reactions, room))
        before = now - _PURGE_AFTER
        await self._repeat(lambda store: store.purge_removed_rooms(before, STEP, now))
        await self._erase_deleted()

    async def _erase_deleted(self) -> None:
        """Make deleted texts unreadable; tries again while other programs read the database."""
        for _ in range(_ATTEMPTS):
            if await self._storage.erase_deleted():
                self._named = None
                return
            await trio.sleep(_RETRY)
        programs = await self._storage.read(lambda store: store.other_programs())
        if programs != self._named:  # once: one that copies the database reads it all the time
            self._named = programs
            log.warning(
                "deleted texts not erased yet: another program has been reading the database "
                "for long and keeps its log from being emptied",
                programs=", ".join(programs) or "unknown",
            )

    async def _remove_messages(self, room: int, now: int, keep: int) -> None:
        before = now - keep
        removed = await self._repeat(
            lambda store: store.remove_old_messages(room, before, STEP, now)
        )
        if removed:
            log.info("old messages removed", count=removed)
        # Topics and reasons are text too, and are kept no longer than messages.
        await self._repeat(lambda store: store.remove_old_audit_entries(room, before, STEP))

    async def _repeat(self, step: Callable[[Store], int]) -> int:
        """Repeat `step` until it removes nothing; return how much it removed in all."""
        total = 0
        while removed := await self._storage.write(step):
            total += removed
            await trio.sleep(_PAUSE)
        return total


def _remove_reactions(room: int, store: Store) -> int:
    return store.remove_orphan_reactions(room, STEP)
