"""Hashing and checking passwords: Argon2id, off the event loop, never too many at once.

RFC 9106 with OWASP's parameters: two passes over 19 MiB in one lane, about
22 ms on a small machine. Passwords of rooms are kept the same way.
"""

import hashlib
import os
from collections.abc import Callable
from typing import Final, TypeVar

import trio
from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers import HasherProtocol
from pwdlib.hashers.argon2 import Argon2Hasher

from chat_shared.errors import Code, Refused

T = TypeVar("T")

_PASSES: Final = 2
_MEMORY: Final = 19 * 1024  # KiB
_LANES: Final = 1

# More waiting than this, at 22 ms each, would wait longer than people do.
HASHING_QUEUE: Final = 200
_RETRY_AFTER: Final = 2.0  # seconds


def argon2() -> HasherProtocol:
    """Return the hasher that new passwords are kept with."""
    return Argon2Hasher(time_cost=_PASSES, memory_cost=_MEMORY, parallelism=_LANES)


class Sha1InArgon2:
    """Checks passwords of which there was only a SHA-1, as that digest's own Argon2 hash.

    The digest is wrapped where it is taken over, so none is ever at rest. The
    first log-in shows the password itself, which is then kept like any other.
    """

    _PREFIX: Final = "sha1"

    def __init__(self) -> None:
        self._argon2 = argon2()

    @classmethod
    def identify(cls, hash: str | bytes) -> bool:
        return isinstance(hash, str) and hash.startswith(f"{cls._PREFIX}$argon2")

    def wrap(self, digest: str) -> str:
        """Return what to keep of a password whose SHA-1 is `digest`, in hexadecimal."""
        return self._PREFIX + self._argon2.hash(digest.lower())

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        return self._PREFIX + self._argon2.hash(_sha1(password), salt=salt)

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:
        return self._argon2.verify(_sha1(password), hash[len(self._PREFIX) :])

    def check_needs_rehash(self, hash: str | bytes) -> bool:
        return True


def _sha1(password: str | bytes) -> str:
    data = password.encode() if isinstance(password, str) else password
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


class Passwords:
    """Hashes with the first of `hashers` and checks against any of them.

    As many threads as cores hash at the same time. Every method may raise
    Refused (too_fast) where too many wait for them already.
    """

    def __init__(self, *hashers: HasherProtocol) -> None:
        self._context = PasswordHash(hashers or (argon2(), Sha1InArgon2()))
        self._threads = trio.CapacityLimiter(os.cpu_count() or 1)
        # Checked where there is nothing to check, so that it takes as long.
        self._nothing = self._context.hash("")

    async def hash(self, password: str) -> str:
        """Return what to keep of `password`."""
        return await self._in_thread(lambda: self._context.hash(password))

    async def verify(self, password: str, kept: str) -> bool:
        """Say whether `kept` was made of `password`. An empty `kept` is never right, as slowly."""
        right, _ = await self.verify_and_update(password, kept)
        return right

    async def verify_and_update(self, password: str, kept: str) -> tuple[bool, str | None]:
        """As `verify`; also what to keep from now on, where `kept` is of an older kind."""
        return await self._in_thread(lambda: self._verify(password, kept))

    def _verify(self, password: str, kept: str) -> tuple[bool, str | None]:
        try:
            right, update = self._context.verify_and_update(password, kept or self._nothing)
        except UnknownHashError:
            return False, None
        return (right, update) if kept else (False, None)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._threads.statistics().tasks_waiting >= HASHING_QUEUE:
            raise Refused(
                Code.TOO_FAST,
                "Too many people log in at this moment. Try again.",
                retry_after=_RETRY_AFTER,
            )
        return await trio.to_thread.run_sync(work, limiter=self._threads)
