"""Messages on their way to the server, kept in order until their room has them.

A message waits here from Enter until it comes back as an event of its room. Its
nonce makes it the same message however often it is sent, so it may be sent again
after every lost connection, by this run or, if a keeper stores it, by the next one.
Knows no network, no disk, no screen.
"""

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol, TypeAlias

_TIME_DIGITS = 12  # hexadecimal, of the milliseconds since 1970: enough until the year 10889
_RANDOM_BYTES = 8  # per run: nonces of two runs of one account never collide
_COUNTER_DIGITS = 8  # hexadecimal: four billion messages a run


class Status(Enum):
    QUEUED = auto()  # will be sent in its turn
    SENDING = auto()  # sent; the server has not answered
    ACCEPTED = auto()  # on the server's disk; not seen in the room yet
    REFUSED = auto()  # by the server; will not be sent again unchanged


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on this computer, to send with a message."""

    path: str  # absolute
    name: str  # under which the message has it
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file that was chosen in the page that shows the client in a browser, to send likewise."""

    id: str  # by which that page knows it, and no other
    name: str
    size: int  # bytes


FileToSend: TypeAlias = LocalFile | PageFile


@dataclass(slots=True)
class Unsent:
    nonce: str
    room: str
    text: str
    status: Status = Status.QUEUED
    reason: str = ""  # the server's reason for refusing it
    seq: int = 0  # its number in the room, once accepted
    reply: int = 0  # the message it replies to, 0 for none
    never_sent: bool = False  # by no run: the server cannot have it
    files: tuple[FileToSend, ...] = ()
    uploads: tuple[int, ...] = ()  # what its files are, once the server has them all
    uploaded_again: bool = False  # as the server had removed them: only once

    @property
    def is_waiting_for_files(self) -> bool:
        return bool(self.files) and not self.uploads


class Keeper(Protocol):
    """Stores unsent messages where they survive a crash. Its methods may not raise."""

    def keep(self, unsent: Unsent) -> None:
        """Store this message, in place of an earlier version of it."""

    def forget(self, nonce: str) -> None: ...


class Outbox:
    """Our unsent and undelivered messages, oldest first."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix or _fresh_prefix()
        self._count = 0
        self._unsent: dict[str, Unsent] = {}
        self._doubtful: set[str] = set()  # rooms to which no replies are sent for now
        self._keeper: Keeper | None = None

    def keep_in(self, keeper: Keeper, left: Iterable[Unsent]) -> None:
        """Store everything from now on. `left` is stored already and is sent before the rest."""
        self._keeper = keeper
        for unsent in self._unsent.values():
            if unsent.status is not Status.ACCEPTED:
                keeper.keep(unsent)
        self._unsent = {unsent.nonce: unsent for unsent in left} | self._unsent

    def add(
        self, room: str, text: str, reply: int = 0, files: tuple[FileToSend, ...] = ()
    ) -> Unsent:
        """Queue a message."""
        nonce = self.next_nonce()
        unsent = Unsent(nonce, room, text, reply=reply, never_sent=True, files=files)
        self._unsent[nonce] = unsent
        self._keep(unsent)
        return unsent

    def next_nonce(self) -> str:
        """Return a new nonce, which sorts after all earlier ones of this run."""
        self._count += 1
        return f"{self._prefix}{self._count:0{_COUNTER_DIGITS}x}"

    def next_to_send(self) -> Unsent | None:
        """Return the oldest queued message, or None while an earlier one awaits its reply.

        One at a time: if an earlier message has to wait and a later one is
        accepted, the room gets them in the wrong order. Those that wait for files are not waited
        for.
        """
        for unsent in self._unsent.values():
            if unsent.status is Status.SENDING:
                return None
            if unsent.status is Status.QUEUED and not unsent.is_waiting_for_files:
                return None if unsent.reply and unsent.room in self._doubtful else unsent
        return None

    def next_with_files(self) -> Unsent | None:
        """Return the oldest message whose files the server does not have."""
        waiting = (unsent for unsent in self._unsent.values() if unsent.is_waiting_for_files)
        return next((each for each in waiting if each.status is Status.QUEUED), None)

    def uploaded(self, nonce: str, uploads: tuple[int, ...]) -> None:
        """The server has the files of a message, under these numbers."""
        if unsent := self._unsent.get(nonce):
            unsent.uploads = uploads

    def upload_again(self, nonce: str) -> bool:
        """Let a message wait for its files again, which the server has removed meanwhile.

        Returns whether it does: not if that was so before, nor if it has no files.
        """
        unsent = self._unsent.get(nonce)
        if unsent is None or not unsent.files or unsent.uploaded_again:
            return False
        unsent.uploads, unsent.uploaded_again, unsent.status = (), True, Status.QUEUED
        return True

    def take_waiting_for_files(self) -> list[Unsent]:
        """Remove and return the messages whose files the server does not have."""
        waiting = [unsent for unsent in self._unsent.values() if unsent.is_waiting_for_files]
        for unsent in waiting:
            self._drop(unsent.nonce)
        return waiting

    def holds(self, nonce: str) -> bool:
        return nonce in self._unsent

    def sending(self, nonce: str) -> None:
        if unsent := self._mark(nonce, Status.SENDING):
            unsent.never_sent = False

    def queued(self, nonce: str) -> None:
        """Send this one later, in its original place."""
        self._mark(nonce, Status.QUEUED)

    def accepted(self, nonce: str, seq: int) -> None:
        if unsent := self._mark(nonce, Status.ACCEPTED):
            unsent.seq = seq
            self._forget(nonce)

    def refused(self, nonce: str, reason: str) -> None:
        if unsent := self._mark(nonce, Status.REFUSED):
            unsent.reason = reason
            self._keep(unsent)

    def delivered(self, nonce: str) -> bool:
        """Forget a message that its room has; return whether it was one of these."""
        return self._drop(nonce) is not None

    def delivered_up_to(self, room: str, seq: int) -> bool:
        """Forget what `room` has up to `seq`; return whether there was any."""
        delivered = [
            unsent.nonce
            for unsent in self.of(room)
            if unsent.status is Status.ACCEPTED and unsent.seq <= seq
        ]
        for nonce in delivered:
            self.delivered(nonce)
        return bool(delivered)

    def doubt(self, rooms: Iterable[str]) -> None:
        """Send no replies to these rooms, and to these only, until `trust`.

        It is not known yet whether the server still has the messages that they reply to.
        """
        self._doubtful = set(rooms)

    def trust(self, room: str) -> None:
        """Send replies to `room` as well."""
        self._doubtful.discard(room)

    def history_lost(self, room: str) -> bool:
        """Queue again what was accepted, and may be lost; return whether anything is under way.

        What the server still has it knows by its nonce. What a message replies to may be another
        message by now, so it replies to none.
        """
        for unsent in self.of(room):
            unsent.reply = 0
            if unsent.status is Status.ACCEPTED:
                unsent.status, unsent.seq = Status.QUEUED, 0
            self._keep(unsent)
        return bool(self.of(room))

    def connection_lost(self) -> None:
        """Queue again what was sent without a reply."""
        for unsent in self._unsent.values():
            if unsent.status is Status.SENDING:
                unsent.status = Status.QUEUED

    def take_back(self, room: str) -> Unsent | None:
        """Remove and return the newest message of `room` that the server does not have."""
        for unsent in reversed(self.of(room)):
            if unsent.status is Status.REFUSED or unsent.never_sent:
                return self._drop(unsent.nonce)
        return None

    def take_refused(self) -> list[Unsent]:
        """Remove and return refused messages, also of rooms that we have left."""
        refused = [unsent for unsent in self._unsent.values() if unsent.status is Status.REFUSED]
        for unsent in refused:
            self._drop(unsent.nonce)
        return refused

    def keep_no_longer(self) -> None:
        """Store nothing any more. What is stored stays stored."""
        self._keeper = None

    def clear(self) -> None:
        """Forget everything, for another account. What is stored stays stored."""
        self._unsent.clear()
        self._doubtful.clear()
        self.keep_no_longer()

    def of(self, room: str) -> list[Unsent]:
        """Return the messages under way to `room`, oldest first."""
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
        """Set the status of a message, unless it was delivered meanwhile."""
        unsent = self._unsent.get(nonce)
        if unsent is not None:
            unsent.status = status
        return unsent


def _fresh_prefix() -> str:
    """Return the prefix of this run's nonces, which sorts after those of earlier runs."""
    now = time.time_ns() // 1_000_000
    return f"{now:0{_TIME_DIGITS}x}{secrets.token_hex(_RANDOM_BYTES)}"
