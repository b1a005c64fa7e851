"""How far accounts have read, room by room, the same on all their devices.

Knows no message, only the numbers.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

import structlog
import trio

from chat_server.rooms.room import Room
from chat_server.sessions.registry import SessionRegistry
from chat_server.sessions.session import Account, Session
from chat_server.store.api import Span, Store, StoreError, Unread
from chat_server.store.threads import Storage
from chat_server.tasks.batches import Batches
from chat_server.tasks.gathering import Gathering
from chat_shared.errors import Code, Refused
from chat_shared.limits import MAX_COUNTED
from chat_shared.messages import Error, Ok, ReadTo

log = structlog.get_logger()

# Seconds in which marks gather: thousands of readers are one transaction.
_PAUSE: Final = 1.0

# Marks that may wait for a batch; further ones are refused. More than a full server
# sends in a second, so it is met only while the disk stands still.
MAX_PENDING: Final = 20_000

# Counts of one query, at most some 60 ms, and those who wait for the same queries.
_COUNTS: Final = 100
_TOGETHER: Final = 16

_NOTHING: Final = Unread()


@dataclass(frozen=True, slots=True)
class _Mark:
    """How far an account has read in a room, and the request that says so."""

    session: Session
    re: int
    account: int
    room: Room
    seq: int


class ReadState:
    """The marks of all accounts. `run` is its only task."""

    def __init__(self, storage: Storage, registry: SessionRegistry) -> None:
        self._storage = storage
        self._registry = registry
        self._counts: Gathering[tuple[Span, ...], list[Unread]] = Gathering(self._count, _TOGETHER)
        self._batches = Batches(self._run_batch, _PAUSE)
        self._pending: list[_Mark] = []
        self._storing: list[_Mark] = []  # of the batch that is being stored
        self._batch_done: Final = trio.lowlevel.ParkingLot()

    async def run(self) -> None:
        """Store marks, batch after batch, until closed."""
        await self._batches.run()

    def close(self) -> None:
        """Make `run` end after what is pending."""
        self._batches.close()

    def mark_read(self, session: Session, re: int, account: Account, room: Room, seq: int) -> None:
        """Mark all up to `seq` as read, bounded by the last message.

        The next batch replies. Raises Refused (too_fast) when MAX_PENDING wait.
        """
        if len(self._pending) >= MAX_PENDING:
            raise Refused(Code.TOO_FAST, "The server is busy. Try again.", retry_after=_PAUSE)
        seq = min(seq, room.last_seq)
        self._pending.append(_Mark(session, re, account.id, room, seq))
        self._batches.request()

    async def wait_answered(self, session: Session) -> None:
        """Wait until no mark of `session` is pending. For a caller that takes no new ones."""
        while any(mark.session is session for mark in chain(self._storing, self._pending)):
            await self._batch_done.park()

    async def unread(self, account: Account, rooms: Iterable[Room]) -> dict[int, Unread]:
        """Return what `account` has not read, by room; rooms with nothing unread are left out.

        True until the caller waits for something. The store is asked only about rooms
        with messages after the mark, so an account that has read everything costs nothing.
        """
        rooms = list(rooms)
        while True:
            spans = {
                room: Span(account.id, room.id, account.read[room.id], room.last_seq)
                for room in rooms
                if account.read.get(room.id, room.last_seq) < room.last_seq
            }
            counted = await self._counted(spans.items())
            # Another device may have marked one as read, or unread, during the count.
            if all(account.read.get(room.id) == span.after for room, span in spans.items()):
                return {room.id: unread for room, unread in zip(spans, counted, strict=True)}

    async def _counted(self, asked: Collection[tuple[Room, Span]]) -> list[Unread]:
        """Return what is unread of each span, as of now."""
        if not asked:
            return []
        counts = await self._counts.ask(tuple(span for _, span in asked))
        return [
            _up_to_now(room, span, unread)
            for (room, span), unread in zip(asked, counts, strict=True)
        ]

    async def _count(self, asked: Sequence[tuple[Span, ...]]) -> list[list[Unread]]:
        """Return the counts of several who ask: a query for one costs as much as for ten."""
        spans = [*chain.from_iterable(asked)]
        counts: list[Unread] = []
        while part := spans[len(counts) : len(counts) + _COUNTS]:
            counts += await self._storage.read(_unread(part))
        rest = iter(counts)
        return [list(islice(rest, len(some))) for some in asked]

    async def _run_batch(self) -> None:
        self._storing, self._pending = self._pending, []
        try:
            await self._store(self._storing)
        finally:
            self._storing = []
            self._batch_done.unpark_all()

    async def _store(self, marks: list[_Mark]) -> None:
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
        await self._send_read_to([mark for mark in last.values() if self._apply(mark)])

    def _apply(self, mark: _Mark) -> bool:
        """Apply a mark that is on disk; return whether other sessions must be notified."""
        account = self._registry.find(mark.account)
        if account is None:
            return False
        account.read[mark.room.id] = mark.seq  # even before the account's rooms are read
        return mark.room.id in account.rooms and any(_others(account, mark.session))

    async def _send_read_to(self, marks: list[_Mark]) -> None:
        """Tell the other sessions of the accounts, with what remains unread."""
        behind = [
            (mark.room, Span(mark.account, mark.room.id, mark.seq, mark.room.last_seq))
            for mark in marks
            if mark.seq < mark.room.last_seq
        ]
        try:
            counted = await self._counted(behind)
        except StoreError as exc:  # the marks are on disk: the next welcome has them
            log.error("unread messages not counted", reason=str(exc))
            return
        keys = [(span.account, span.room) for _, span in behind]
        remaining = dict(zip(keys, counted, strict=True))
        for mark in marks:
            unread = remaining.get((mark.account, mark.room.id), _NOTHING)
            event = ReadTo(mark.room.name, mark.seq, unread.messages, unread.mentions)
            account = self._registry.find(mark.account)
            for session in _others(account, mark.session) if account else ():
                session.send(event)


def _unread(spans: Sequence[Span]) -> Callable[[Store], list[Unread]]:
    return lambda store: store.count_unread(spans)


def _up_to_now(room: Room, span: Span, unread: Unread) -> Unread:
    """Return `unread` plus what was posted during the count, regardless of the author."""
    more = room.last_seq - span.upto
    return Unread(min(unread.messages + more, MAX_COUNTED), unread.mentions)


def _others(account: Account, session: Session) -> Iterable[Session]:
    return (other for other in account.sessions if other.welcomed and other is not session)


def _refuse(marks: Iterable[_Mark]) -> None:
    for mark in marks:
        message = "The server couldn't save your read position. Try again later."
        mark.session.send(Error(Code.INTERNAL, message, mark.re))
