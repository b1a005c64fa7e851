"""Memberships, in SQLite."""

import apsw

from chat_server.store.api import AuditRecord, GoneError, InvalidInviteError, MemberRecord
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.sqlite.invites import invited_room, remove_invites_of, use_room_invite


class SqliteMembers(Subject):
    @one_transaction
    def add_member(
        self, room: int, account: int, at: int, invite: bytes | None = None
    ) -> AuditRecord | None:
        if invite and invited_room(self._db, invite, at) != room:
            raise InvalidInviteError
        insert_member(self._db, room, account, at)
        return use_room_invite(self._db, room, invite, account, at) if invite else None

    @raises_store_errors
    def is_member(self, room: int, account: int) -> bool:
        return is_member(self._db, room, account)

    @raises_store_errors
    def members(self, room: int, after: str, limit: int) -> list[MemberRecord]:
        rows = self._db.execute(
            "SELECT account.id, name, away, seen, guest_until IS NOT NULL FROM member"
            " JOIN account ON account.id = member.account"
            " WHERE room = ? AND key > ? ORDER BY key LIMIT ?",
            (room, after, limit),
        )
        return [
            MemberRecord(account, name, away, seen, bool(guest))
            for account, name, away, seen, guest in rows
        ]

    @raises_store_errors
    def has_members(self, room: int, number: int) -> bool:
        last = "SELECT 1 FROM member WHERE room = ? LIMIT 1 OFFSET ?"
        return self._db.execute(last, (room, number - 1)).get is not None

    @raises_store_errors
    def rooms_of(self, account: int) -> list[int]:
        rows = self._db.execute(
            "SELECT room FROM member JOIN room ON room.id = room"
            " WHERE account = ? AND removed IS NULL ORDER BY room",
            (account,),
        )
        return [room for (room,) in rows]


def insert_member(db: apsw.Connection, room: int, account: int, at: int) -> None:
    """Make `account` a member who has read everything so far, unless it is one.

    Raises GoneError if it was deleted: it could become the owner.
    """
    check_not_removed(db, account)
    db.execute(
        "INSERT OR IGNORE INTO member (account, room, since, read_seq)"
        " SELECT ?, id, ?, last_seq FROM room WHERE id = ?",
        (account, at, room),
    )


def check_not_removed(db: apsw.Connection, account: int) -> None:
    """Raise GoneError if `account` was deleted."""
    if db.execute("SELECT removed FROM account WHERE id = ?", (account,)).get is not None:
        raise GoneError


def delete_member(db: apsw.Connection, room: int, account: int | None) -> bool:
    """End a membership, and its invitations; return whether there was one."""
    remove_invites_of(db, account, room)
    db.execute("DELETE FROM member WHERE room = ? AND account = ?", (room, account))
    return bool(db.changes())


def is_member(db: apsw.Connection, room: int, account: int) -> bool:
    """Return whether `account` is a member of `room`."""
    found = "SELECT 1 FROM member WHERE account = ? AND room = ?"
    return db.execute(found, (account, room)).get is not None


def oldest_member(db: apsw.Connection, room: int) -> int | None:
    """Return the account that has been a member of `room` for longest. Never a guest's."""
    oldest = (
        "SELECT member.account FROM member JOIN account ON account.id = member.account"
        " WHERE room = ? AND guest_until IS NULL ORDER BY since, account LIMIT 1"
    )
    account: int | None = db.execute(oldest, (room,)).get
    return account
