"""Who is here, told to those who look and to nobody else, and only what changes.

A session watches one room. What changes in a room that is watched is gathered
and told to all its watchers in one block, so a thousand who come back at once
are a few frames for each watcher, and none where nobody looks.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import structlog
import trio

from chat_server.batches import Batches
from chat_server.clock import rfc3339
from chat_server.pages import fitting
from chat_server.rooms.room import Room, Rooms
from chat_server.sessions.blocks import Block
from chat_server.sessions.registry import SessionRegistry
from chat_server.sessions.session import Account, Session
from chat_server.store.api import MemberRecord, StoreError
from chat_server.store.threads import Storage
from chat_shared.limits import TYPING_LASTS, TYPING_MEMBERS
from chat_shared.messages import IsTyping, Member, Presence

log = structlog.get_logger()

# Seconds in which changes gather. Longer than it takes to come back after a cut,
# which is then no change at all; short enough to be believed.
_PAUSE: Final = 1.5

# Seconds in which one who types in a room is told once: clients say it again well
# before TYPING_LASTS is over, and some say it with each key.
_TYPING_PAUSE: Final = TYPING_LASTS / 3


@dataclass(frozen=True, slots=True)
class _State:
    """How others see somebody. The same again, whenever it was that they left."""

    online: bool
    away: str
    seen: int = field(default=0, compare=False)


@dataclass(slots=True)
class _Change:
    """How somebody was when it was last told, and is now."""

    name: str
    before: _State
    now: _State


class PresenceTracker:
    """Who is here, and who watches. `run` is its only task."""

    def __init__(
        self, storage: Storage, registry: SessionRegistry, rooms: Rooms, now: Callable[[], int]
    ) -> None:
        self._storage = storage
        self._registry = registry
        self._rooms = rooms
        self._now = now  # milliseconds since 1970, UTC
        self._batches = Batches(self._run_batch, _PAUSE)
        self._watchers: dict[int, set[Session]] = {}  # by room; none of these sets is empty
        self._changes: dict[int, dict[int, _Change]] = {}  # by room and account, not told yet
        self._seen: dict[int, int] = {}  # when accounts were last here, not on disk yet

    async def run(self) -> None:
        """Tell what has changed, round after round, until closed."""
        await self._batches.run()

    def close(self) -> None:
        """Let `run` end, after what is to be kept is kept."""
        self._batches.close()

    # --- coming and going

    def came(self, account: Account) -> None:
        """Note that a device of `account` was welcomed."""
        if account.here:
            return
        account.here = True
        away = account.away
        self._note(account, _State(online=False, away=away), _State(online=True, away=away))
        self._see(account)  # should the server be killed, this is the last that is known

    def went(self, session: Session) -> None:
        """Note that `session` has ended, and that its account left if it was the last device."""
        self.watch(session, None)
        account = session.account
        if account is None or account.sessions or not account.here:
            return
        account.here = False
        away, seen = account.away, self._see(account)
        self._note(account, _State(online=True, away=away), _State(False, away, seen))

    async def set_away(self, account: Account, away: str) -> None:
        """Keep why `account` is not here; empty if it is."""
        await self._storage.write(lambda store: store.set_away(account.id, away))
        was, account.away = account.away, away
        self._note(account, _State(online=True, away=was), _State(online=True, away=away))

    # --- looking

    @property
    def watched(self) -> int:
        """How many rooms somebody looks at."""
        return len(self._watchers)

    def watch(self, session: Session, room: Room | None) -> None:
        """Let `session` hear who comes, goes and types in `room`, and in no other."""
        watchers = self._watchers.get(session.watched, set())
        watchers.discard(session)
        if not watchers:
            self._watchers.pop(session.watched, None)
        session.watched = 0
        if room is not None:
            session.watched = room.id
            self._watchers.setdefault(room.id, set()).add(session)

    def describe(self, record: MemberRecord) -> Member:
        """Return a member as those see it who ask."""
        online = self._registry.online(record.account)
        seen = self._seen.get(record.account, record.seen)
        return _member(record.name, _State(online, record.away, seen))

    async def typing(self, account: Account, room: Room) -> None:
        """Tell the room's watchers, but for `account`, that it types; not too often."""
        watchers = [s for s in self._watching(room) if s.account is not account]
        now = trio.current_time()
        if not watchers or account.typed.get(room.id, -_TYPING_PAUSE) + _TYPING_PAUSE > now:
            return
        account.typed[room.id] = now
        too_many = TYPING_MEMBERS + 1
        if await self._storage.read(lambda store: store.has_members(room.id, too_many)):
            return
        block = Block([IsTyping(room.name, account.name)])
        for session in watchers:
            session.hear(block)

    # --- rounds

    def _see(self, account: Account) -> int:
        """Have it kept that `account` was here just now; return when that is."""
        seen = self._seen[account.id] = self._now()
        self._batches.want()
        return seen

    def _note(self, account: Account, before: _State, now: _State) -> None:
        """Have the watchers of its rooms told that `account` is another than before."""
        for room in account.rooms & self._watchers.keys():
            changes = self._changes.setdefault(room, {})
            change = changes.setdefault(account.id, _Change(account.name, before, now))
            change.now = now
            self._batches.want()

    async def _run_batch(self) -> None:
        changes, self._changes = self._changes, {}
        for room, of_room in changes.items():
            self._tell(self._rooms.numbered(room), of_room.values())
        if not self._seen:
            return
        seen = dict(self._seen)
        try:
            await self._storage.write(lambda store: store.set_last_seen(seen))
        except StoreError as exc:  # a full disk keeps nobody from leaving
            log.warning("last seen not stored", count=len(seen), reason=str(exc))
        # Who was seen again meanwhile is for the next round.
        self._seen = {who: at for who, at in self._seen.items() if seen.get(who) != at}

    def _tell(self, room: Room, changes: Iterable[_Change]) -> None:
        members = [
            _member(change.name, change.now) for change in changes if change.now != change.before
        ]
        events = []
        while members:
            part = fitting(members)
            events.append(Presence(room.name, part))
            members = members[len(part) :]
        if events:
            block = Block(events)
            for session in self._watching(room):
                session.hear(block)

    def _watching(self, room: Room) -> list[Session]:
        """Return who watches `room` and is in it still."""
        return [
            session
            for session in self._watchers.get(room.id, ())
            if session.account is not None and room.id in session.account.rooms
        ]


def _member(name: str, state: _State) -> Member:
    seen = rfc3339(state.seen) if state.seen and not state.online else ""
    return Member(name, state.online, state.away, seen)
