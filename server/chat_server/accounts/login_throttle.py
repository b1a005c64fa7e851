"""Wrong passwords, counted by who guesses at what, so that guessing takes for ever.

The counts are kept over restarts. There is no count that two callers share:
whoever mistypes, or attacks, slows nobody but themselves.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Final

from chat_server.sessions.rate_limits import BackOff
from chat_server.store.api import Store
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused

# Five for those who mistype. After that 2, 4, 8 … seconds up to 15 minutes, which
# is 100 guesses a day; a day without one, and all is forgotten.
BACK_OFF: Final = BackOff(free=5, first=2.0, longest=15 * 60.0, forget=24 * 3600.0)

# Counts kept: 10 MB. To push out an old one costs so many guesses, each a hash of
# 22 ms: longer than the longest wait.
MOST_KEPT: Final = 100_000
_TIDY_EVERY: Final = 1_000  # guesses; MOST_KEPT is exceeded by no more


class LoginThrottle:
    """Lets people guess, ever more slowly."""

    def __init__(self, storage: Storage, now: Callable[[], int]) -> None:
        self._storage = storage
        self._now = now  # milliseconds since 1970, UTC
        self._counted = 0

    async def check(self, guess: Callable[[], Awaitable[bool]], *about: str) -> bool:
        """Return what `guess` says, or raise Refused (too_fast) without asking it.

        `about` is what is guessed at, and by whom. A guess counts as wrong
        until it is known to be right, so that it is no use to make a thousand
        at the same time.
        """
        digest = hashlib.sha256(repr(about).encode()).digest()
        wait = await self._storage.write(lambda store: self._count(store, digest))
        if wait:
            raise Refused(Code.TOO_FAST, _sentence(wait), retry_after=wait)
        try:
            right = await guess()
        except Refused:  # nobody looked at it: too many wait for their hash
            await self._storage.write(lambda store: self._take_back(store, digest))
            raise
        if right:
            await self._storage.write(lambda store: store.set_login_attempts(digest, 0, 0))
        return right

    def _count(self, store: Store, digest: bytes) -> float:
        """Count one guess more and return 0, or count none and return the seconds to wait."""
        now = self._now()
        wrong, at = store.login_attempts(digest)
        elapsed = (now - at) / 1000
        if BACK_OFF.is_over(elapsed):
            wrong = 0
        wait = BACK_OFF.wait(wrong, elapsed)
        if not wait:
            store.set_login_attempts(digest, wrong + 1, now)
            self._tidy(store, now)
        return wait

    def _take_back(self, store: Store, digest: bytes) -> None:
        wrong, at = store.login_attempts(digest)
        store.set_login_attempts(digest, max(0, wrong - 1), at)

    def _tidy(self, store: Store, now: int) -> None:
        if self._counted % _TIDY_EVERY == 0:
            store.trim_login_attempts(now - int(BACK_OFF.forget * 1000), MOST_KEPT)
        self._counted += 1


def _sentence(wait: float) -> str:
    minutes = round(wait / 60)
    duration = f"{minutes} minutes" if minutes > 1 else f"{max(1, round(wait))} seconds"
    return f"Too many wrong passwords. Try again in {duration}."
