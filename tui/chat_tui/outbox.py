"""What was typed and is not known to be said yet: kept, in order, until the server has it.

A message waits here from Enter until it comes back as a message of its room.
Its nonce makes it the same message however often it is sent, so it may be sent
again after every cut. In memory only. Knows no network, no clock, no screen.
"""

import secrets
from dataclasses import dataclass
from enum import Enum, auto

_PREFIX_BYTES = 8  # random bytes per run: two runs of one account do not meet
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


class Outbox:
    """The messages of one's own that are under way, oldest first."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix or secrets.token_hex(_PREFIX_BYTES)
        self._count = 0
        self._unsent: dict[str, Unsent] = {}

    def add(self, room: str, text: str) -> Unsent:
        """Take in a message to be sent; its nonce sorts behind all earlier ones of this run."""
        self._count += 1
        nonce = f"{self._prefix}{self._count:0{_COUNTER_DIGITS}x}"
        unsent = self._unsent[nonce] = Unsent(nonce, room, text)
        return unsent

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
        self._mark(nonce, Status.SENDING)

    def queued(self, nonce: str) -> None:
        """Send this one later, in its old place."""
        self._mark(nonce, Status.QUEUED)

    def accepted(self, nonce: str, seq: int) -> None:
        if unsent := self._mark(nonce, Status.ACCEPTED):
            unsent.seq = seq

    def refused(self, nonce: str, reason: str) -> None:
        if unsent := self._mark(nonce, Status.REFUSED):
            unsent.reason = reason

    def said(self, nonce: str) -> bool:
        """Forget a message that its room has; say whether it was one of ours."""
        return self._unsent.pop(nonce, None) is not None

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

    def line_lost(self) -> None:
        """Whatever was sent and not answered is to be sent again."""
        for unsent in self._unsent.values():
            if unsent.status is Status.SENDING:
                unsent.status = Status.QUEUED

    def take_back(self, room: str) -> Unsent | None:
        """Remove and return the newest refused message of `room`, to be edited."""
        for unsent in reversed(self.of(room)):
            if unsent.status is Status.REFUSED:
                return self._unsent.pop(unsent.nonce)
        return None

    def clear(self) -> None:
        """Forget everything: somebody else has logged in."""
        self._unsent.clear()

    def of(self, room: str) -> list[Unsent]:
        """Return what is under way to `room`, oldest first."""
        return [unsent for unsent in self._unsent.values() if unsent.room == room]

    def count(self, *statuses: Status) -> int:
        return sum(unsent.status in statuses for unsent in self._unsent.values())

    def _mark(self, nonce: str, status: Status) -> Unsent | None:
        """Give a message its status; one that came back meanwhile is not there any more."""
        unsent = self._unsent.get(nonce)
        if unsent is not None:
            unsent.status = status
        return unsent
