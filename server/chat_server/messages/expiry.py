"""The time by which things expire: it follows the clock of the machine, but not its leaps.

A clock that is wrong for an hour must not erase in a minute what people wrote in years.
One look cannot tell a wrong clock from a server that was off for long; but the operator
can, who reads in the log what will happen, and has time to set the clock.
"""

from collections.abc import Callable
from typing import Final

import structlog
import trio

from chat_server.clock import rfc3339
from chat_server.store.api import Expiry
from chat_server.store.threads import Storage

log = structlog.get_logger()

_DAY: Final = 86_400_000  # milliseconds
_HOUR: Final = 3_600_000

# How far the clock may be ahead of what expiry knows, and is followed at once: the server
# may have been off for a long weekend. As much as that goes at a time after a longer leap.
LEAP_DAYS: Final = 3

# For how long the server runs before expiry moves on by LEAP_DAYS, again and again: long
# enough for an operator to read the log and to set the clock.
HOLD_HOURS: Final = 24


class ExpiryClock:
    """Follows `now`. What it knows is kept in the store, over restarts."""

    def __init__(self, storage: Storage, now: Callable[[], int]) -> None:
        self._storage = storage
        self._now = now  # milliseconds since 1970, UTC
        self._looked_at: float | None = None  # trio's time of the last look
        self._warned: int | None = None  # the expiry time that was last logged as behind

    async def look(self, *, warn: bool) -> int:
        """Look at the clock; return the time up to which things have expired.

        Never later than the clock says. Logs a leap, if `warn` is set. Raises StoreError.
        """
        now, running = self._now(), self._since_last_look()
        known = await self._storage.read(lambda store: store.expiry())
        expiry = _advance(known, now, running)
        if expiry != known:
            await self._storage.write(lambda store: store.set_expiry(expiry))
        if warn:
            self._log_leap(expiry, now)
        return min(expiry.time, now)

    def _since_last_look(self) -> int:
        """Return for how many milliseconds the server has run since the last look."""
        before, self._looked_at = self._looked_at, trio.current_time()
        return 0 if before is None else round((self._looked_at - before) * 1000)

    def _log_leap(self, expiry: Expiry, now: int) -> None:
        if now <= expiry.time or self._warned == expiry.time:
            return
        self._warned = expiry.time
        log.warning(
            f"clock jumped ahead; deleting old messages slowly ({LEAP_DAYS} days' worth per "
            f"{HOLD_HOURS} hours). Set the clock if it is wrong.",
            clock=rfc3339(now),
            removed_as_of=rfc3339(expiry.time),
        )


def _advance(known: Expiry, now: int, running: int) -> Expiry:
    """Return what is known after a look at the clock, which says `now`.

    The server has run for `running` milliseconds since the look before.
    """
    leap = LEAP_DAYS * _DAY
    if known.time == 0 or 0 < now - known.time <= leap:
        return Expiry(now)
    if now <= known.time:
        return Expiry(known.time)
    waited = known.waited + running
    if waited < HOLD_HOURS * _HOUR:
        return Expiry(known.time, waited)
    return Expiry(known.time + leap)
