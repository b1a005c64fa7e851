"""Messages go when their time is over, in steps so small that no post waits for them.

A step is one short transaction on the store's writer; between two of them
whatever else waits there has its turn. Everything is kept unless the operator
says otherwise.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

import structlog
import trio

from chat_server.store.api import Store, StoreError
from chat_server.store.threads import Storage

log = structlog.get_logger()

STEP: Final = 500  # rows of one transaction: some 4 ms on a small machine, as a slow commit
_PAUSE: Final = 0.1  # seconds between steps: a twentieth of the writer's time, at 5,000 rows/s
_PERIOD: Final = 600.0  # seconds between rounds: nobody counts on the minute

# A removed room is swept so much later (milliseconds): whatever was on its way
# into it when it was removed has arrived by then, and finds its row.
_SWEEP_AFTER: Final = 3_600_000


class Retention:
    """Removes what need not be kept any more. `run` is its only task."""

    def __init__(self, storage: Storage, keep: int, now: Callable[[], int]) -> None:
        self._storage = storage
        self._keep = keep  # milliseconds, where a room says nothing; 0 for ever
        self._now = now  # milliseconds since 1970, UTC

    async def run(self) -> None:
        """Look for what has become too old, again and again."""
        while True:
            try:
                await self.tidy()
            except StoreError as exc:
                log.error("old messages not removed", reason=str(exc))
            await trio.sleep(_PERIOD)

    async def tidy(self) -> None:
        """Remove all that is too old at this moment, and what is left of what was deleted."""
        for room, keep in await self._storage.read(lambda store: store.keep_times()):
            time = self._keep if keep is None else keep
            if time:
                await self._remove_messages(room, self._now() - time)
                await self._repeat(partial(_remove_reactions, room))
        before = self._now() - _SWEEP_AFTER
        await self._repeat(lambda store: store.purge_removed_rooms(before, STEP))
        await self._storage.write(lambda store: store.erase_deleted())

    async def _remove_messages(self, room: int, before: int) -> None:
        removed = await self._repeat(lambda store: store.remove_old_messages(room, before, STEP))
        if removed:
            log.info("old messages removed", count=removed)
        # Topics and reasons are words too, and are kept no longer than others.
        await self._repeat(lambda store: store.remove_old_audit_entries(room, before, STEP))

    async def _repeat(self, step: Callable[[Store], int]) -> int:
        """Do `step` until it finds nothing; return how much it found in all."""
        total = 0
        while found := await self._storage.write(step):
            total += found
            await trio.sleep(_PAUSE)
        return total


def _remove_reactions(room: int, store: Store) -> int:
    return store.remove_orphan_reactions(room, STEP)
