"""What was typed and is not known to be said yet: kept, in order, until the server has it.

A message waits here from Enter until it comes back as a message of its room.
Its nonce makes it the same message however often it is sent, so it may be sent
again after every cut, by this run or, if a keeper keeps it, by the next one.
Knows no network, no disk, no screen.
"""

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

_TIME_DIGITS = 12  # hexadecimal, of the milliseconds since 1970: enough until the year 10889
_RANDOM_BYTES = 8  # per run: two runs of one account do not meet
_COUNTER_DIGITS = 8  # hexadecimal: four thousand million messages a run


class Status(Enum):
    QUEUED = auto()  # to be sent when its turn comes
    SENDING = auto()  # sent; the server has not answered
    ACCEPTED = auto()  # on the server's disk; not seen in the room yet
    REFUSED = auto()  # will not be sent again as it is


@dataclass(slots=True)
class Unsent:
    nonce: str
    room: str
    text: str
    status: Status = Status.QUEUED
    reason: str = ""  # why it was refused, as the server said it
    seq: int = 0  # its number in the room, once accepted
    reply: int = 0  # the message it answers, 0 for none
    never_sent: bool = False  # no server can have it: it was never sent, by no run


class Keeper(Protocol):
    """Keeps what is under way where a crash does not reach. Neither may raise."""

    def keep(self, unsent: Unsent) -> None:
        """Keep this message as it is now, in place of what was kept of it."""

    def forget(self, nonce: str) -> None: ...


class Outbox:
    """The messages of one's own that are under way, oldest first."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix or _fresh_prefix()
        self._count = 0
        self._unsent: dict[str, Unsent] = {}
        self._keeper: Keeper | None = None

    def keep_in(self, keeper: Keeper, left: Iterable[Unsent]) -> None:
        """Keep everything from now on. `left` is kept already and goes out before the rest."""
        self._keeper = keeper
        for unsent in self._unsent.values():
            if unsent.status is not Status.ACCEPTED:
                keeper.keep(unsent)
        self._unsent = {unsent.nonce: unsent for unsent in left} | self._unsent

    def add(self, room: str, text: str, reply: int = 0) -> Unsent:
        """Take in a message to be sent."""
        nonce = self.next_nonce()
        unsent = self._unsent[nonce] = Unsent(nonce, room, text, reply=reply, never_sent=True)
        self._keep(unsent)
        return unsent

    def next_nonce(self) -> str:
        """Return a nonce of this account that sorts behind all earlier ones of this run."""
        self._count += 1
        return f"{self._prefix}{self._count:0{_COUNTER_DIGITS}x}"

    def next_to_send(self) -> Unsent | None:
        """Return the oldest queued message, or None while an earlier one is on its way.

        One at a time: a later message must not be let in while an earlier one
        was told to wait, or the room would read them in the wrong order.
        """
        for unsent in self._unsent.values():
            if unsent.status is Status.SENDING:
                return None
            if unsent.status is Status.QUEUED:
                return unsent
        return None

    def sending(self, nonce: str) -> None:
        if unsent := self._mark(nonce, Status.SENDING):
            unsent.never_sent = False

    def queued(self, nonce: str) -> None:
        """Send this one later, in its old place."""
        self._mark(nonce, Status.QUEUED)

    def accepted(self, nonce: str, seq: int) -> None:
        if unsent := self._mark(nonce, Status.ACCEPTED):
            unsent.seq = seq
            self._forget(nonce)

    def refused(self, nonce: str, reason: str) -> None:
        if unsent := self._mark(nonce, Status.REFUSED):
            unsent.reason = reason
            self._keep(unsent)

    def said(self, nonce: str) -> bool:
        """Forget a message that its room has; say whether it was one of ours."""
        return self._drop(nonce) is not None

    def said_up_to(self, room: str, seq: int) -> bool:
        """Forget what `room` has up to `seq`; say whether there was any."""
        said = [
            unsent.nonce
            for unsent in self.of(room)
            if unsent.status is Status.ACCEPTED and unsent.seq <= seq
        ]
        for nonce in said:
            self.said(nonce)
        return bool(said)

    def connection_lost(self) -> None:
        """Whatever was sent and not answered is to be sent again."""
        for unsent in self._unsent.values():
            if unsent.status is Status.SENDING:
                unsent.status = Status.QUEUED

    def take_back(self, room: str) -> Unsent | None:
        """Remove and return the newest message of `room` that nobody has, to be edited."""
        for unsent in reversed(self.of(room)):
            if unsent.status is Status.REFUSED or unsent.never_sent:
                return self._drop(unsent.nonce)
        return None

    def take_refused(self) -> list[Unsent]:
        """Remove and return what was refused, of all rooms, also those that we are in no more."""
        refused = [unsent for unsent in self._unsent.values() if unsent.status is Status.REFUSED]
        for unsent in refused:
            self._drop(unsent.nonce)
        return refused

    def clear(self) -> None:
        """Let go of everything: somebody else has logged in. What is kept stays kept."""
        self._unsent.clear()
        self._keeper = None

    def of(self, room: str) -> list[Unsent]:
        """Return what is under way to `room`, oldest first."""
        return [unsent for unsent in self._unsent.values() if unsent.room == room]

    def count(self, *statuses: Status) -> int:
        return sum(unsent.status in statuses for unsent in self._unsent.values())

    def _drop(self, nonce: str) -> Unsent | None:
        self._forget(nonce)
        return self._unsent.pop(nonce, None)

    def _keep(self, unsent: Unsent) -> None:
        if self._keeper is not None:
            self._keeper.keep(unsent)

    def _forget(self, nonce: str) -> None:
        if self._keeper is not None:
            self._keeper.forget(nonce)

    def _mark(self, nonce: str, status: Status) -> Unsent | None:
        """Give a message its status; one that came back meanwhile is not there any more."""
        unsent = self._unsent.get(nonce)
        if unsent is not None:
            unsent.status = status
        return unsent


def _fresh_prefix() -> str:
    """Return what the nonces of this run begin with: they sort behind those of earlier runs."""
    now = time.time_ns() // 1_000_000
    return f"{now:0{_TIME_DIGITS}x}{secrets.token_hex(_RANDOM_BYTES)}"
