"""Who is online, sent only to sessions that watch a room, and only when it changes.

A session watches one room. The changes in a watched room are gathered and sent to
all its watchers in one block: a thousand members who reconnect at once are a few
frames for each watcher, and none for a room that nobody watches.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import structlog
import trio

from chat_server.clock import rfc3339
from chat_server.pages import fit_page
from chat_server.rooms.directory import Rooms
from chat_server.rooms.room import Room
from chat_server.sessions.blocks import Block
from chat_server.sessions.registry import SessionRegistry
from chat_server.sessions.session import Account, Session
from chat_server.store.api import MemberRecord, StoreError
from chat_server.store.threads import Storage
from chat_server.tasks.batches import Batches
from chat_shared.limits import TYPING_LASTS, TYPING_MEMBERS
from chat_shared.messages import IsTyping, Member, Presence

log = structlog.get_logger()

# Seconds in which changes gather. Longer than a reconnect takes, which is then no
# change at all; short enough to keep the display current.
_PAUSE: Final = 1.5

# Seconds between two typing events of one account in a room: clients repeat it well
# before TYPING_LASTS is over, and some with each key.
_TYPING_PAUSE: Final = TYPING_LASTS / 3


@dataclass(frozen=True, slots=True)
class _State:
    """How others see an account. Two are equal whatever their `seen`."""

    online: bool
    away: str
    seen: int = field(default=0, compare=False)


@dataclass(slots=True)
class _Change:
    """The state of an account that watchers know, and the present one."""

    name: str
    before: _State
    now: _State
    guest: bool


class PresenceTracker:
    """Who is online, and who watches. `run` is its only task."""

    def __init__(
        self, storage: Storage, registry: SessionRegistry, rooms: Rooms, now: Callable[[], int]
    ) -> None:
        self._storage = storage
        self._registry = registry
        self._rooms = rooms
        self._now = now  # milliseconds since 1970, UTC
        self._batches = Batches(self._run_batch, _PAUSE)
        self._watchers: dict[int, set[Session]] = {}  # by room; none of these sets is empty
        self._changes: dict[int, dict[int, _Change]] = {}  # by room and account, to be sent
        self._seen: dict[int, int] = {}  # when accounts were last online, to be stored

    async def run(self) -> None:
        """Send and store what has changed, batch after batch, until closed."""
        await self._batches.run()

    def close(self) -> None:
        """Make `run` end after a last batch."""
        self._batches.close()

    # --- online and offline

    def account_online(self, account: Account) -> None:
        """Record that a session of `account` was welcomed."""
        if account.online:
            return
        account.online = True
        away = account.away
        self._record(account, _State(online=False, away=away), _State(online=True, away=away))
        self._see(account)  # if the server is killed, this is what the store has

    def session_ended(self, session: Session) -> None:
        """Record that `session` ended; its account is offline if that was the last one."""
        self.watch(session, None)
        account = session.account
        if account is None or account.sessions or not account.online:
            return
        account.online = False
        away, seen = account.away, self._see(account)
        self._record(account, _State(online=True, away=away), _State(False, away, seen))

    async def set_away(self, account: Account, away: str) -> None:
        """Set the away message of `account`, or clear it if `away` is empty."""
        async with account.away_lock:
            await self._storage.write(lambda store: store.set_away(account.id, away))
            was, account.away = account.away, away
            self._record(account, _State(online=True, away=was), _State(online=True, away=away))

    # --- watching

    @property
    def watched_rooms(self) -> int:
        """How many rooms are watched."""
        return len(self._watchers)

    def watch(self, session: Session, room: Room | None) -> None:
        """Send presence and typing events of `room`, and of no other, to `session`."""
        watchers = self._watchers.get(session.watched_room, set())
        watchers.discard(session)
        if not watchers:
            self._watchers.pop(session.watched_room, None)
        session.watched_room = 0
        if room is not None:
            session.watched_room = room.id
            self._watchers.setdefault(room.id, set()).add(session)

    def describe(self, record: MemberRecord) -> Member:
        """Return a member with their presence as of now."""
        online = self._registry.is_online(record.account)
        seen = self._seen.get(record.account, record.seen)
        return _member(record.name, _State(online, record.away, seen), guest=record.guest)

    async def send_typing(self, account: Account, room: Room) -> None:
        """Announce to the other watchers of `room` that `account` types.

        At a limited rate, and only in rooms of up to TYPING_MEMBERS.
        """
        watchers = [s for s in self._watching(room) if s.account is not account]
        now = trio.current_time()
        sent = account.typing_sent.get(room.id, -_TYPING_PAUSE)
        if not watchers or sent + _TYPING_PAUSE > now:
            return
        account.typing_sent[room.id] = now
        too_many = TYPING_MEMBERS + 1
        if await self._storage.read(lambda store: store.has_members(room.id, too_many)):
            return
        block = Block([IsTyping(room.name, account.name)])
        for session in watchers:
            session.deliver(block)

    # --- batches

    def _see(self, account: Account) -> int:
        """Schedule storing that `account` is online now; return the time."""
        seen = self._seen[account.id] = self._now()
        self._batches.request()
        return seen

    def _record(self, account: Account, before: _State, now: _State) -> None:
        """Schedule the change of `account` for the watchers of its rooms."""
        for room in account.rooms & self._watchers.keys():
            changes = self._changes.setdefault(room, {})
            change = changes.setdefault(account.id, _Change(account.name, before, now, False))
            change.now, change.guest = now, bool(account.guest_until)
            self._batches.request()

    async def _run_batch(self) -> None:
        changes, self._changes = self._changes, {}
        for room, room_changes in changes.items():
            if found := self._rooms.get(room):  # else nobody watches it any more
                self._send(found, room_changes.values())
        if not self._seen:
            return
        seen = dict(self._seen)
        try:
            await self._storage.write(lambda store: store.set_last_seen(seen))
        except StoreError as exc:  # a full disk does not keep sessions from ending
            log.warning("last seen not stored", count=len(seen), reason=str(exc))
        # Accounts that were seen again meanwhile are for the next batch.
        self._seen = {id: at for id, at in self._seen.items() if seen.get(id) != at}

    def _send(self, room: Room, changes: Iterable[_Change]) -> None:
        members = [
            _member(change.name, change.now, guest=change.guest)
            for change in changes
            if change.now != change.before
        ]
        events = []
        while members:
            part = fit_page(members)
            events.append(Presence(room.name, part))
            members = members[len(part) :]
        if events:
            block = Block(events)
            for session in self._watching(room):
                session.deliver(block)

    def _watching(self, room: Room) -> list[Session]:
        """Return the watchers of `room` that are still members of it."""
        return [
            session
            for session in self._watchers.get(room.id, ())
            if session.account is not None and room.id in session.account.rooms
        ]


def _member(name: str, state: _State, *, guest: bool) -> Member:
    seen = rfc3339(state.seen) if state.seen and not state.online else ""
    return Member(name, state.online, state.away, seen, guest)
