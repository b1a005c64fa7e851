"""Who transfers what now: how many at a time, and how many bytes a second.

A transfer is one file that one session sends or receives. It is no state that anyone relies on:
it begins with its first chunk, and ends with the last one, with its session, or when no chunk has
come for a while.
"""

from collections import Counter, OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import trio

from chat_server.sessions.rate_limits import TokenBuckets
from chat_server.sessions.session import Account, Session, account_of
from chat_shared.errors import Code, Refused

Direction: TypeAlias = Literal["up", "down"]
_Key: TypeAlias = tuple[Session, Direction, int]

# Seconds after which a transfer without a chunk counts no longer. On a slow line, one that takes
# 16 kB/s, a chunk takes four.
TRANSFER_IDLE: Final = 10.0

# Seconds without a chunk after which one gives its place up to an account that has fewer.
GIVES_WAY: Final = 1.0

# Seconds after which to try again if there are too many: then some have come to their end.
_BUSY_RETRY: Final = 2.0

# Bytes that a chunk costs at least: it is a request too, with a transaction and a thread.
LEAST_CHUNK: Final = 16_384

# Bytes a second that all transfers move together: so that chunks take a sixth of the event loop,
# one at a time, and what people write finds it free. If it is not, chunks wait longer, by as much
# as the last one was late. Twice as many make posts wait, since the thread that stores them needs
# the interpreter's lock some times for each.
PACE: Final = 20_000_000
_MOST_LATE: Final = 0.05  # seconds of that: a busy server goes on with files, slowly

# Seconds' worth of bytes that there are again when a sender who was too fast may go on, so that
# it is not refused chunk by chunk: each refusal costs the server a frame of the greatest length.
_PAUSE: Final = 1.0


@dataclass(frozen=True, slots=True)
class TransferLimits:
    """How many transfers at once, and how many bytes an account moves at once and per second."""

    total: int
    per_account: int
    burst: float
    bytes_per_second: float


@dataclass(slots=True)
class TransferFigures:
    """Totals since the start."""

    received: int = 0  # bytes
    sent: int = 0


class Transfers:
    """The transfers of all sessions. Only `wait_turn` waits."""

    def __init__(self, limits: TransferLimits) -> None:
        self._limits = limits
        self._buckets = TokenBuckets(limits.burst, limits.bytes_per_second)  # by account
        # When the last chunk came, in trio's time; the transfer with the oldest one first.
        self._active: OrderedDict[_Key, float] = OrderedDict()
        self._next_turn = 0.0  # in trio's time
        self.figures: Final = TransferFigures()

    def __len__(self) -> int:
        """How many there are."""
        self._forget_idle()
        return len(self._active)

    def charge(self, account: Account, size: int) -> float:
        """Take `size` bytes and return 0, or take none and return the seconds to wait for more."""
        wait = self._buckets.take(account.id, trio.current_time(), max(size, LEAST_CHUNK))
        return wait and wait + min(_PAUSE, self._limits.burst / self._limits.bytes_per_second)

    async def wait_turn(self, size: int) -> None:
        """Wait until a chunk of `size` bytes may be handled: one after the other, evenly spaced."""
        due = max(self._next_turn, trio.current_time())
        self._next_turn = due + size / PACE
        await trio.sleep_until(due)
        self._next_turn += min(trio.current_time() - due, _MOST_LATE)

    @contextmanager
    def chunk(self, session: Session, direction: Direction, file: int) -> Generator[None]:
        """Count a chunk of `file`, which the block carries; what it raises ends the transfer.

        Raises Refused (too_fast) for one transfer too many: also if it gave its place up to the
        transfer of somebody else, and there is none again.
        """
        key = (session, direction, file)
        self._forget_idle()
        if key not in self._active:
            self._check_place(account_of(session))
        self._active[key] = trio.current_time()
        self._active.move_to_end(key)
        try:
            yield
        except BaseException:
            self.end(session, direction, file)
            raise

    def end(self, session: Session, direction: Direction, file: int) -> None:
        """Count a transfer no longer: its last chunk is done."""
        self._active.pop((session, direction, file), None)

    def end_all(self, session: Session) -> None:
        """Count those of `session` no longer."""
        for key in [key for key in self._active if key[0] is session]:
            del self._active[key]

    def _check_place(self, account: Account) -> None:
        held = Counter(account_of(session) for session, _, _ in self._active)
        if held[account] >= self._limits.per_account:
            raise _busy(f"You can transfer {self._limits.per_account} files at a time.")
        if len(self._active) >= self._limits.total:
            self._make_place(account, held)

    def _make_place(self, account: Account, held: Counter[Account]) -> None:
        """Take the place of a transfer of an account that has more of them than `account`.

        Of the one that has been silent the longest. Where the other would have fewer then, only
        of one that is silent now: few accounts must not keep all others out.
        """
        silent_since = trio.current_time() - GIVES_WAY
        for key, at in self._active.items():
            more = held[account_of(key[0])] - held[account]
            if more > 1 or (more == 1 and at < silent_since):
                del self._active[key]
                return
        raise _busy("Too many files are being transferred right now.")

    def _forget_idle(self) -> None:
        before = trio.current_time() - TRANSFER_IDLE
        while self._active and next(iter(self._active.values())) < before:
            self._active.popitem(last=False)


def _busy(sentence: str) -> Refused:
    return Refused(Code.TOO_FAST, f"{sentence} Try again in a moment.", retry_after=_BUSY_RETRY)
