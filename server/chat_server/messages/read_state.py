"""How far people have read: kept room by room, the same on all their devices.

Does not know what was said, only the numbers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import structlog

from chat_server.batches import Batches
from chat_server.rooms.room import Room, Rooms
from chat_server.sessions.registry import SessionRegistry
from chat_server.sessions.session import Account, Session
from chat_server.store.api import Span, StoreError, Unread
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.limits import MAX_COUNTED
from chat_shared.messages import Error, Ok, ReadTo

log = structlog.get_logger()

# Seconds in which marks gather: thousands of people who read are one transaction.
_PAUSE: Final = 1.0

# Marks that may wait for a round to be over; the next is told to come again. More
# than a full house says in a second, so it is met only while the disk stands still.
MOST_WAITING: Final = 20_000

_NOTHING: Final = Unread()


@dataclass(frozen=True, slots=True)
class _Mark:
    """A session that said so, and the number of its request."""

    session: Session
    re: int
    account: int
    room: Room
    seq: int


class Reading:
    """The marks of everybody. `run` is its only task."""

    def __init__(self, storage: Storage, registry: SessionRegistry, rooms: Rooms) -> None:
        self._storage = storage
        self._registry = registry
        self._rooms = rooms
        self._batches = Batches(self._run_batch, _PAUSE)
        self._waiting: list[_Mark] = []

    async def run(self) -> None:
        """Put marks on disk, round after round, until closed."""
        await self._batches.run()

    def close(self) -> None:
        """Take nothing more; `run` ends when what was taken is done."""
        self._batches.close()

    def mark(self, session: Session, re: int, account: Account, room: Room, seq: int) -> None:
        """Note that all up to `seq` was read, no more than there is; answered by the next round.

        Raises Refused.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise Refused(Code.TOO_FAST, "The server is busy. Try again.", retry_after=_PAUSE)
        seq = min(seq, room.last_seq)
        self._waiting.append(_Mark(session, re, account.id, room, seq))
        self._batches.want()

    async def unread(self, account: Account, rooms: Iterable[Room]) -> dict[int, Unread]:
        """Return what `account` has not read, by room; rooms with nothing are left out.

        Holds until the caller waits for something. Asks the store only where
        something was said since, so who has read everything costs nothing.
        """
        spans = [
            Span(account.id, room.id, account.read[room.id], room.last_seq)
            for room in rooms
            if account.read.get(room.id, room.last_seq) < room.last_seq
        ]
        return {span.room: unread for span, unread in await self._counted(spans)}

    async def _counted(self, spans: list[Span]) -> list[tuple[Span, Unread]]:
        if not spans:
            return []
        counts = await self._storage.read(lambda store: store.count_unread(spans))
        return [
            (span, self._up_to_now(span, unread))
            for span, unread in zip(spans, counts, strict=True)
        ]

    def _up_to_now(self, span: Span, unread: Unread) -> Unread:
        """Return `unread` with what was said while it was counted, by whomever."""
        more = self._rooms.numbered(span.room).last_seq - span.upto
        return Unread(min(unread.messages + more, MAX_COUNTED), unread.mentions)

    async def _run_batch(self) -> None:
        marks, self._waiting = self._waiting, []
        last = {(mark.account, mark.room.id): mark for mark in marks}
        read = {key: mark.seq for key, mark in last.items()}
        if not read:
            return
        try:
            await self._storage.write(lambda store: store.set_read(read))
        except StoreError as exc:
            log.error("read marks not stored", count=len(marks), reason=str(exc))
            _refuse(marks)
            return
        for mark in marks:
            mark.session.send(Ok(re=mark.re))
        await self._tell_devices([mark for mark in last.values() if self._remember(mark)])

    def _remember(self, mark: _Mark) -> bool:
        """Note a mark that is on disk; say whether other devices are to be told of it."""
        account = self._registry.find(mark.account)
        if account is None:
            return False
        account.read[mark.room.id] = mark.seq  # even before it is known what rooms they are in
        return mark.room.id in account.rooms and any(_others(account, mark.session))

    async def _tell_devices(self, marks: list[_Mark]) -> None:
        """Tell whoever is connected with other devices, on those, and what is left to read."""
        behind = [
            Span(mark.account, mark.room.id, mark.seq, mark.room.last_seq)
            for mark in marks
            if mark.seq < mark.room.last_seq
        ]
        try:
            counted = await self._counted(behind)
        except StoreError as exc:  # it is on disk, and they will hear of it when they come back
            log.error("unread messages not counted", reason=str(exc))
            return
        left = {(span.account, span.room): unread for span, unread in counted}
        for mark in marks:
            unread = left.get((mark.account, mark.room.id), _NOTHING)
            event = ReadTo(mark.room.name, mark.seq, unread.messages, unread.mentions)
            account = self._registry.find(mark.account)
            for device in _others(account, mark.session) if account else ():
                device.send(event)


def _others(account: Account, session: Session) -> Iterable[Session]:
    return (other for other in account.sessions if other.welcomed and other is not session)


def _refuse(marks: Iterable[_Mark]) -> None:
    for mark in marks:
        message = "The server could not store this. Try again in a while."
        mark.session.send(Error(Code.INTERNAL, message, mark.re))
