"""Hashes and verifies passwords: Argon2id, in threads, with a bounded queue.

RFC 9106 with OWASP's parameters: two passes over 19 MiB in one lane, about
22 ms on a small machine. Room passwords are stored the same way.
"""

import hashlib
import os
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Final, TypeVar

import structlog
from argon2.exceptions import HashingError, InvalidHashError, VerificationError
from argon2.low_level import error_to_str
from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers import HasherProtocol
from pwdlib.hashers.argon2 import Argon2Hasher

from chat_server.tasks.fair_queue import FairQueue, QueueFullError
from chat_server.tasks.worker import call_in_thread
from chat_shared.errors import Code, Refused

log = structlog.get_logger()

T = TypeVar("T")

_PASSES: Final = 2
_MEMORY: Final = 19 * 1024  # KiB
_LANES: Final = 1

# Hashes that may wait, at 22 ms each: a longer wait than this is more than people accept.
HASHING_QUEUE: Final = 200

OPERATOR: Final = "operator"  # whose passwords take turns with everybody's
_RETRY_AFTER: Final = 2.0  # seconds


_NO_MEMORY: Final = error_to_str(-22)  # ARGON2_MEMORY_ALLOCATION_ERROR in argon2.h


class _Argon2(Argon2Hasher):
    """Raises MemoryError where there is no memory to hash with.

    `Argon2Hasher` returns then that the password is wrong, and raises an error of its own.
    """

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        try:
            return super().hash(password, salt=salt)
        except HashingError as exc:
            raise MemoryError(str(exc)) from None

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:
        try:
            return self._hasher.verify(hash, password)
        except VerificationError as exc:  # so is a wrong password
            if str(exc) == _NO_MEMORY:
                raise MemoryError(_NO_MEMORY) from None
            return False
        except InvalidHashError:
            return False


def argon2() -> HasherProtocol:
    """Return the hasher of new passwords."""
    return _Argon2(time_cost=_PASSES, memory_cost=_MEMORY, parallelism=_LANES)


class Sha1InArgon2:
    """Verifies passwords of which only a SHA-1 was known, stored as an Argon2 hash of it.

    The legacy import wraps the digests, so none is ever stored as it was. The first
    log-in brings the password itself, which is then hashed like any other.
    """

    _PREFIX: Final = "sha1"

    def __init__(self) -> None:
        self._argon2 = argon2()

    @classmethod
    def identify(cls, hash: str | bytes) -> bool:
        return isinstance(hash, str) and hash.startswith(f"{cls._PREFIX}$argon2")

    def wrap(self, digest: str) -> str:
        """Return the hash of a password whose SHA-1 is `digest`, in hexadecimal."""
        return self._PREFIX + self._argon2.hash(digest.lower())

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        return self._PREFIX + self._argon2.hash(_sha1(password), salt=salt)

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:
        return self._argon2.verify(_sha1(password), hash[len(self._PREFIX) :])

    def check_needs_rehash(self, hash: str | bytes) -> bool:
        return True


def _usable_cores() -> int:
    """Return how many cores this process may use: more threads than that would only share them."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _sha1(password: str | bytes) -> str:
    data = password.encode() if isinstance(password, str) else password
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def _spellings(typed: str, prepared: str) -> list[bytes]:
    """Return how the old chat may have hashed a password, where that is not as prepared.

    It took passwords as they were typed: with tabs, decomposed letters, any space, of any
    length, and in the encoding of its terminal.
    """
    if not typed or (typed == prepared and typed.isascii()):
        return []
    spellings = [typed.encode("utf-8", "surrogatepass")]
    with suppress(UnicodeEncodeError):
        spellings.append(typed.encode("latin-1"))
    return [spelling for spelling in dict.fromkeys(spellings) if spelling != prepared.encode()]


class Passwords:
    """Hashes with the first of `hashers` and verifies with any of them.

    Uses as many threads as there are cores. Each method says for whom (`by`): an account, or
    an address before the log-in. They take turns, and when HASHING_QUEUE wait, those with
    the most waiting are refused: every method may raise Refused (too_fast).
    """

    def __init__(self, *hashers: HasherProtocol) -> None:
        self._context = PasswordHash(hashers or (argon2(), Sha1InArgon2()))
        self._queue = FairQueue(slots=_usable_cores(), most=HASHING_QUEUE)
        # Verified where there is no hash, so that it takes as long.
        self._nothing = self._context.hash("")

    async def hash(self, password: str, by: Hashable) -> str:
        """Return the hash of `password`."""
        return await self._in_thread(lambda: self._context.hash(password), by)

    async def verify(self, password: str, hashed: str, by: Hashable) -> bool:
        """Return whether `hashed` is a hash of `password`; never if it is empty, as slowly."""
        right, _ = await self.verify_and_update(password, hashed, by)
        return right

    async def verify_and_update(
        self, password: str, hashed: str, by: Hashable, typed: str = ""
    ) -> tuple[bool, str | None]:
        """As `verify`; also return a new hash, if `hashed` is of an outdated kind.

        `typed` is the password as it was typed, of which an outdated hash may be.
        """
        return await self._in_thread(lambda: self._verify_typed(password, hashed, typed), by)

    def _verify_typed(self, password: str, hashed: str, typed: str) -> tuple[bool, str | None]:
        right, update = self._verify(password, hashed)
        for spelling in () if right else _spellings(typed, password):
            # Verified where there is no such hash, too, so that it takes as long.
            if self._verify(spelling, hashed)[0] and Sha1InArgon2.identify(hashed):
                return True, self._context.hash(password) if password else None
        return right, update

    def _verify(self, password: str | bytes, hashed: str) -> tuple[bool, str | None]:
        try:
            right, update = self._context.verify_and_update(password, hashed or self._nothing)
        except UnknownHashError:
            return False, None
        return (right, update) if hashed else (False, None)

    async def _in_thread(self, work: Callable[[], T], by: Hashable) -> T:
        try:
            async with self._queue.turn(by):
                return await call_in_thread("password", work)
        except QueueFullError:
            pass
        except (MemoryError, OSError) as exc:  # nor files for what wakes the loop
            log.error("password not hashed", reason=str(exc))
        raise Refused(
            Code.TOO_FAST,
            "Too many people are logging in right now. Try again in a moment.",
            retry_after=_RETRY_AFTER,
        )
