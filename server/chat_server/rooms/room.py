"""A room as its connected members see it: who receives what is sent to it, in one order."""

from itertools import chain
from typing import Final

import trio

from chat_server.clock import rfc3339
from chat_server.net.outbox import Outbox, deliver
from chat_server.sessions.blocks import INTERRUPTED, Block, Encoder, Last
from chat_server.sessions.session import Account, Session
from chat_server.store.api import RoomRecord, Sanction, Unread
from chat_shared.messages import Changed, Entered, Left, Posted, RoomInfo


class Room:
    """A room, and the sessions of its members that are attached to it.

    Attached sessions receive every block from then on, in one order that is the
    same for all. Nothing here waits, so nothing can come between.
    """

    __slots__ = (
        "_outboxes",
        "absent",
        "blocked_by",
        "deleted",
        "deliveries",
        "id",
        "last_at",
        "last_seq",
        "leaving",
        "lock",
        "mutes",
        "name",
        "owner",
        "participants",
        "password",
        "revision",
        "topic",
    )

    def __init__(self, record: RoomRecord) -> None:
        self.id = record.id
        self.name = record.name
        self.owner = record.owner
        self.topic = record.topic
        self.password = record.password  # as hashed
        self.last_seq = record.last_seq  # of the last message that was published
        self.last_at = rfc3339(record.last_at) if record.last_at else ""  # when that was
        # Of a direct message, by account: the names of both participants, who has left and
        # rejoins with the next message, who has blocked the other, whose account is deleted.
        # Empty in every other room.
        both = record.participants
        self.participants = {p.account: p.name for p in both}
        self.absent = {p.account for p in both if not (p.member or p.removed)}
        self.blocked_by = {p.account for p in both if p.blocks}
        self.deleted = {p.account for p in both if p.removed}
        # Of accounts whose membership is ending: their posts wait for the event.
        self.leaving: set[tuple[int, trio.Event]] = set()
        # Differs after any of its messages may have changed: what was read before may be outdated.
        self.revision = 0
        self.deliveries = 0  # messages sent, counted once for each session
        self.mutes: dict[int, Sanction] = {}  # by account; some may have ended
        # Held from the write that changes members or owner until this object has changed
        # too: two tasks need not resume in the order in which their writes were done.
        self.lock: Final = trio.Lock()
        # Of the attached sessions, by how their protocol encodes a block.
        self._outboxes: dict[Encoder, dict[Session, Outbox]] = {}

    def __contains__(self, session: Session) -> bool:
        return session in self._outboxes.get(session.encode_all, ())

    def attach(self, session: Session) -> None:
        """Deliver everything after `last_seq` to `session`."""
        self._outboxes.setdefault(session.encode_all, {})[session] = session.outbox

    def detach(self, session: Session) -> None:
        """Deliver nothing more to `session`. Does nothing if it is not attached."""
        self._outboxes.get(session.encode_all, {}).pop(session, None)

    def publish(self, block: Block, last: Last) -> None:
        """Deliver `block`, whose last message is `last`, to all attached sessions."""
        self.last_seq, self.last_at = last
        self.deliveries += len(block.events) * sum(map(len, self._outboxes.values()))
        if any(type(event) is not Posted for event in block.events):
            self.revision += 1
        self.broadcast(block)

    def broadcast(self, block: Block) -> None:
        """Deliver `block` to all attached sessions. Never waits, never reorders."""
        for encode, outboxes in self._outboxes.items():
            deliver(block.encoded(encode), outboxes.values())

    def interrupt(self, last: Last) -> None:
        """Disconnect and detach all sessions: some may have missed messages, up to `last`."""
        self.last_seq, self.last_at = last
        self.revision += 1
        for session in chain.from_iterable(self._outboxes.values()):
            session.disconnect(INTERRUPTED)
        self._outboxes.clear()

    def add_member(self, account: Account) -> None:
        """Attach the sessions of a new member, and announce it to everybody, them included.

        A session that is yet to be welcomed finds the room in its welcome.
        """
        account.rooms.add(self.id)
        account.read[self.id] = self.last_seq
        for session in account.sessions:
            if session.welcomed:
                self.attach(session)
        self.broadcast(Block([Entered(self.name, account.name)]))

    def remove_member(self, account: Account, left: Left | None = None) -> None:
        """Announce that `account` left, to its own sessions too; then detach those.

        `left` is how, if not by itself.
        """
        self.broadcast(Block([left or Left(self.name, account.name)]))
        account.rooms.discard(self.id)
        if account.id in self.participants:
            self.absent.add(account.id)
        for session in account.sessions:
            self.detach(session)

    async def wait_not_leaving(self, account: Account) -> None:
        """Wait until no removal of `account` is under way. For callers that see `leaving`."""
        while events := [event for id, event in self.leaving if id == account.id]:
            await events[0].wait()

    def close(self, by: str = "") -> None:
        """Tell every attached session that the room was deleted, and detach it."""
        for session in chain.from_iterable(self._outboxes.values()):
            if session.account is not None:
                left = Left(self.name, session.account.name, by, action="delete_room")
                session.deliver(Block([left]))
        self._outboxes.clear()

    def set_owner(self, account: int | None, name: str) -> None:
        """Make `account` the owner, or nobody. An owner is not muted."""
        self.owner = name
        if account is not None:
            self.mutes.pop(account, None)

    def changed_event(self) -> Changed:
        """Return the event that tells members the topic and the owner."""
        return Changed(self.name, self.topic, self.owner)

    def other_participant(self, account: Account) -> str:
        """Return the name of the other participant; empty unless this is a direct message."""
        return next((name for id, name in self.participants.items() if id != account.id), "")

    def mute_of(self, account_id: int, now: int) -> Sanction | None:
        """Return the mute of an account that is in force, if there is one."""
        mute = self.mutes.get(account_id)
        return mute if mute is not None and mute.holds(now) else None

    def info(self, account: Account, unread: Unread) -> RoomInfo:
        """Return the room as `welcome` describes it to `account`."""
        return RoomInfo(
            self.name,
            self.owner,
            self.last_seq,
            account.read.get(self.id, self.last_seq),
            unread.messages,
            unread.mentions,
            self.other_participant(account),
        )
