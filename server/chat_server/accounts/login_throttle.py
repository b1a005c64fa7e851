"""Slows down password guessing, by counting wrong passwords per target and guesser.

The counts survive restarts. No count is shared by two callers: those who
mistype, or attack, slow down nobody else.
"""

import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import trio

from chat_server.sessions.rate_limits import BackOff
from chat_server.store.api import Store
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused

# Five attempts for typing errors. After that 2, 4, 8 … seconds up to 15 minutes, which
# is 100 guesses a day; after a day without one, all are forgotten.
BACK_OFF: Final = BackOff(free=5, first=2.0, longest=15 * 60.0, forget=24 * 3600.0)

# Counts stored: 10 MB. To push out an old one takes as many guesses, each a hash of
# 22 ms: longer than the longest wait.
MAX_ENTRIES: Final = 100_000
_TRIM_EVERY: Final = 1_000  # attempts; MAX_ENTRIES is exceeded by no more


class LoginThrottle:
    """Allows attempts, ever more slowly."""

    def __init__(self, storage: Storage, now: Callable[[], int], of: str = "passwords") -> None:
        """`of` is what people attempt, for the sentence of a refusal."""
        self._storage = storage
        self._of = of
        self._now = now  # milliseconds since 1970, UTC
        self._attempts = 0
        self._locks: dict[bytes, trio.Lock] = {}  # of the keys that are attempted now

    async def attempt(self, verify: Callable[[], Awaitable[bool]], *key: str) -> bool:
        """Return the result of `verify`, or raise Refused (too_fast) without calling it.

        `key` says what is attempted and by whom. Those with the same key wait for each
        other: a thousand at once gain nothing, and right ones do not count against each other.
        """
        digest = hashlib.sha256(repr(key).encode()).digest()
        async with self._alone(digest):
            return await self._attempt(verify, digest)

    @asynccontextmanager
    async def _alone(self, digest: bytes) -> AsyncGenerator[None]:
        """Run the block when those before it with the same key have ended."""
        lock = self._locks.setdefault(digest, trio.Lock())
        try:
            async with lock:
                yield
        finally:
            if not lock.locked():  # or the next one has it now
                del self._locks[digest]

    async def _attempt(self, verify: Callable[[], Awaitable[bool]], digest: bytes) -> bool:
        # Counted as wrong first, so that a crash or the end of the connection gains nothing.
        wait, before = await self._storage.write(lambda store: self._count(store, digest))
        if wait:
            raise Refused(Code.TOO_FAST, _sentence(self._of, wait), retry_after=wait)
        try:
            right = await verify()
        except Refused:  # not verified: too many attempts wait for their hash
            await self._storage.write(lambda store: store.set_login_attempts(digest, *before))
            raise
        if right:
            await self._storage.write(lambda store: store.set_login_attempts(digest, 0, 0))
        return right

    def _count(self, store: Store, digest: bytes) -> tuple[float, tuple[int, int]]:
        """Count one more attempt, or return the seconds to wait instead.

        Also returns what was stored before: how many were wrong, and when the last one was.
        """
        now = self._now()
        wrong, at = store.login_attempts(digest)
        if at > now:  # the clock was set back: they wait once more from now on, and no longer
            at = now
            store.set_login_attempts(digest, wrong, at)
        elapsed = (now - at) / 1000
        if BACK_OFF.is_over(elapsed):
            wrong = 0
        wait = BACK_OFF.wait(wrong, elapsed)
        if not wait:
            store.set_login_attempts(digest, wrong + 1, now)
            self._trim(store, now)
        return wait, (wrong, at)

    def _trim(self, store: Store, now: int) -> None:
        if self._attempts % _TRIM_EVERY == 0:
            store.trim_login_attempts(now - int(BACK_OFF.forget * 1000), MAX_ENTRIES)
        self._attempts += 1


def _sentence(of: str, wait: float) -> str:
    minutes = round(wait / 60)
    duration = f"{minutes} minutes" if minutes > 1 else _seconds(max(1, round(wait)))
    return f"Too many wrong {of}. Try again in {duration}."


def _seconds(seconds: int) -> str:
    return "1 second" if seconds == 1 else f"{seconds} seconds"
