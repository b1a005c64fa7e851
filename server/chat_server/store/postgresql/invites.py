"""Invitations to the server and to rooms, in PostgreSQL."""

from dataclasses import replace
from typing import Final

from chat_server.store.api import (
    AuditDraft,
    AuditRecord,
    InvalidInviteError,
    InviteRecord,
    InvitesFullError,
)
from chat_server.store.postgresql.audit import insert_entry, read_entries
from chat_server.store.postgresql.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.postgresql.queries import Database, change, rows, value

_KEPT: Final = 30 * 86_400_000  # milliseconds for which an expired invitation is kept

# Valid in a room that exists, and from an author who may log in.
_INVITED_ROOM: Final = (
    "SELECT room FROM room_invite WHERE guests = 0 AND digest = %s AND expires > %s"
    " AND EXISTS (SELECT 1 FROM room WHERE id = room_invite.room AND removed IS NULL)"
    " AND EXISTS (SELECT 1 FROM account WHERE id = by AND locked IS NULL)"
)


class PostgresqlInvites(Subject):
    @one_transaction
    def add_invite(self, digest: bytes, at: int, expires: int) -> None:
        # By how far expiry has followed the clock, which may be wrong at this moment.
        change(
            self._db,
            "DELETE FROM invite WHERE expires < least(%s, (SELECT time FROM expiry)) - %s",
            (at, _KEPT),
        )
        change(self._db, "INSERT INTO invite VALUES (%s, %s)", (digest, expires))

    @raises_store_errors
    def has_invite(self, digest: bytes, at: int) -> bool:
        return has_invite(self._db, digest, at)

    @one_transaction
    def add_room_invite(
        self,
        entry: AuditDraft,
        digest: bytes,
        limit: int,
        own_limit: int | None = None,
        guests: int = 0,
    ) -> int:
        own = "SELECT count(*) FROM room_invite WHERE by = %s AND expires > %s"
        if own_limit is not None and value(self._db, own, (entry.by, entry.at)) >= own_limit:
            raise InvitesFullError("author")
        if not _make_place(self._db, entry, limit):
            raise InvitesFullError("room")
        change(
            self._db,
            "INSERT INTO room_invite (digest, room, by, created, expires, guests)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (digest, entry.room, entry.by, entry.at, entry.until, guests),
        )
        return insert_entry(self._db, entry)

    @raises_store_errors
    def invited_room(self, digest: bytes, at: int) -> int | None:
        return invited_room(self._db, digest, at)

    @raises_store_errors
    def room_invites(self, room: int, by: int | None, at: int) -> list[InviteRecord]:
        found = rows(
            self._db,
            "SELECT room_invite.id, name, room_invite.created, expires, guests"
            " FROM room_invite JOIN account ON account.id = by"
            " WHERE room = %s AND by = coalesce(%s, by) AND expires > %s ORDER BY room_invite.id",
            (room, by, at),
        )
        return [InviteRecord(*row) for row in found]

    @one_transaction
    def remove_room_invite(self, entry: AuditDraft, id: int, by: int | None) -> tuple[int, str]:
        author: int | None = value(
            self._db,
            "DELETE FROM room_invite WHERE id = %s AND room = %s AND by = coalesce(%s, by)"
            " AND expires > %s RETURNING by",
            (id, entry.room, by, entry.at),
        )
        if author is None:
            raise InvalidInviteError
        name: str = value(self._db, "SELECT name FROM account WHERE id = %s", (author,))
        return insert_entry(self._db, replace(entry, target=author)), name


def _make_place(db: Database, entry: AuditDraft, limit: int) -> bool:
    """Return whether there is place for one more; remove one that has expired if need be."""
    count: int = value(db, "SELECT count(*) FROM room_invite WHERE room = %s", (entry.room,))
    if count < limit:
        return True
    removed = change(
        db,
        "DELETE FROM room_invite WHERE id = (SELECT id FROM room_invite"
        " WHERE room = %s AND expires <= %s ORDER BY expires LIMIT 1)",
        (entry.room, entry.at),
    )
    return bool(removed)


def invited_room(db: Database, digest: bytes, at: int) -> int | None:
    """Return the room of the invitation with this digest, if one is valid at that time."""
    room: int | None = value(db, _INVITED_ROOM, (digest, at))
    return room


def has_invite(db: Database, digest: bytes, at: int) -> bool:
    """Return whether an invitation to the server is valid at that time."""
    found = "SELECT 1 FROM invite WHERE digest = %s AND expires > %s"
    return value(db, found, (digest, at)) is not None


def remove_invite(db: Database, digest: bytes) -> None:
    """Use up an invitation to the server."""
    change(db, "DELETE FROM invite WHERE digest = %s", (digest,))


def use_room_invite(db: Database, room: int, digest: bytes, account: int, at: int) -> AuditRecord:
    """Use up a valid invitation to `room`, for `account`; return the audit entry."""
    used = "DELETE FROM room_invite WHERE digest = %s RETURNING by"
    author: int = value(db, used, (digest,))
    id = insert_entry(db, AuditDraft(room, account, "join", at, target=author))
    return read_entries(db, room, id + 1, 1)[0]


def remove_invites_of(db: Database, account: int | None, room: int | None = None) -> None:
    """Remove the invitations that `account` has made: to `room`, or to all rooms."""
    ended = "DELETE FROM room_invite WHERE by = %s AND room = coalesce(%s, room)"
    change(db, ended, (account, room))
