"""Memberships, in PostgreSQL."""

from chat_server.store.api import AuditRecord, GoneError, InvalidInviteError, MemberRecord
from chat_server.store.postgresql.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.postgresql.invites import (
    invited_room,
    remove_invites_of,
    use_room_invite,
)
from chat_server.store.postgresql.queries import Database, change, rows, value, values_of


class PostgresqlMembers(Subject):
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
        found = rows(
            self._db,
            "SELECT account.id, name, away, seen, guest_until IS NOT NULL FROM member"
            " JOIN account ON account.id = member.account"
            " WHERE room = %s AND key > %s ORDER BY key LIMIT %s",
            (room, after, limit),
        )
        return [MemberRecord(*row) for row in found]

    @raises_store_errors
    def has_members(self, room: int, number: int) -> bool:
        last = "SELECT 1 FROM member WHERE room = %s LIMIT 1 OFFSET %s"
        return value(self._db, last, (room, number - 1)) is not None

    @raises_store_errors
    def rooms_of(self, account: int) -> list[int]:
        return values_of(
            self._db,
            "SELECT room FROM member JOIN room ON room.id = room"
            " WHERE account = %s AND removed IS NULL ORDER BY room",
            (account,),
        )


def insert_member(db: Database, room: int, account: int, at: int) -> None:
    """Make `account` a member who has read everything so far, unless it is one.

    Raises GoneError if it was deleted: it could become the owner.
    """
    check_not_removed(db, account)
    change(
        db,
        "INSERT INTO member (account, room, since, read_seq)"
        " SELECT %s, id, %s, last_seq FROM room WHERE id = %s ON CONFLICT DO NOTHING",
        (account, at, room),
    )


def check_not_removed(db: Database, account: int) -> None:
    """Raise GoneError if `account` was deleted."""
    if value(db, "SELECT removed FROM account WHERE id = %s", (account,)) is not None:
        raise GoneError


def delete_member(db: Database, room: int, account: int | None) -> bool:
    """End a membership, and its invitations; return whether there was one."""
    remove_invites_of(db, account, room)
    ended = "DELETE FROM member WHERE room = %s AND account = %s"
    return bool(change(db, ended, (room, account)))


def is_member(db: Database, room: int, account: int) -> bool:
    """Return whether `account` is a member of `room`."""
    found = "SELECT 1 FROM member WHERE account = %s AND room = %s"
    return value(db, found, (account, room)) is not None


def oldest_member(db: Database, room: int) -> int | None:
    """Return the account that has been a member of `room` for longest. Never a guest's."""
    oldest = (
        "SELECT member.account FROM member JOIN account ON account.id = member.account"
        " WHERE room = %s AND guest_until IS NULL ORDER BY since, account LIMIT 1"
    )
    account: int | None = value(db, oldest, (room,))
    return account
