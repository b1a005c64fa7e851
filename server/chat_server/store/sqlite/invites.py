"""Invitations to the server and to rooms, in SQLite."""

from dataclasses import replace
from typing import Final

import apsw

from chat_server.store.api import (
    AuditDraft,
    AuditRecord,
    InvalidInviteError,
    InviteRecord,
    InvitesFullError,
)
from chat_server.store.sqlite.audit import insert_entry, read_entries
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors

_KEPT: Final = 30 * 86_400_000  # milliseconds for which an expired invitation is kept

# Valid in a room that exists, and from an author who may log in.
_INVITED_ROOM: Final = (
    "SELECT room FROM room_invite WHERE guests = 0 AND digest = ? AND expires > ?"
    " AND EXISTS (SELECT 1 FROM room WHERE id = room_invite.room AND removed IS NULL)"
    " AND EXISTS (SELECT 1 FROM account WHERE id = by AND locked IS NULL)"
)


class SqliteInvites(Subject):
    @one_transaction
    def add_invite(self, digest: bytes, at: int, expires: int) -> None:
        # By how far expiry has followed the clock, which may be wrong at this moment.
        self._db.execute(
            "DELETE FROM invite WHERE expires < min(?, (SELECT time FROM expiry)) - ?",
            (at, _KEPT),
        )
        self._db.execute("INSERT INTO invite VALUES (?, ?)", (digest, expires))

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
        own = "SELECT count(*) FROM room_invite WHERE by = ? AND expires > ?"
        if own_limit is not None and self._db.execute(own, (entry.by, entry.at)).get >= own_limit:
            raise InvitesFullError("author")
        if not _make_place(self._db, entry, limit):
            raise InvitesFullError("room")
        self._db.execute(
            "INSERT INTO room_invite (digest, room, by, created, expires, guests)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (digest, entry.room, entry.by, entry.at, entry.until, guests),
        )
        return insert_entry(self._db, entry)

    @raises_store_errors
    def invited_room(self, digest: bytes, at: int) -> int | None:
        return invited_room(self._db, digest, at)

    @raises_store_errors
    def room_invites(self, room: int, by: int | None, at: int) -> list[InviteRecord]:
        rows = self._db.execute(
            "SELECT room_invite.id, name, room_invite.created, expires, guests"
            " FROM room_invite JOIN account ON account.id = by"
            " WHERE room = ? AND by = coalesce(?, by) AND expires > ? ORDER BY room_invite.id",
            (room, by, at),
        )
        return [InviteRecord(*row) for row in rows]

    @one_transaction
    def remove_room_invite(self, entry: AuditDraft, id: int, by: int | None) -> tuple[int, str]:
        author: int | None = self._db.execute(
            "DELETE FROM room_invite WHERE id = ? AND room = ? AND by = coalesce(?, by)"
            " AND expires > ? RETURNING by",
            (id, entry.room, by, entry.at),
        ).get
        if author is None:
            raise InvalidInviteError
        name: str = self._db.execute("SELECT name FROM account WHERE id = ?", (author,)).get
        return insert_entry(self._db, replace(entry, target=author)), name


def _make_place(db: apsw.Connection, entry: AuditDraft, limit: int) -> bool:
    """Return whether there is place for one more; remove one that has expired if need be."""
    count: int = db.execute("SELECT count(*) FROM room_invite WHERE room = ?", (entry.room,)).get
    if count < limit:
        return True
    db.execute(
        "DELETE FROM room_invite WHERE id = (SELECT id FROM room_invite"
        " WHERE room = ? AND expires <= ? ORDER BY expires LIMIT 1)",
        (entry.room, entry.at),
    )
    return bool(db.changes())


def invited_room(db: apsw.Connection, digest: bytes, at: int) -> int | None:
    """Return the room of the invitation with this digest, if one is valid at that time."""
    room: int | None = db.execute(_INVITED_ROOM, (digest, at)).get
    return room


def has_invite(db: apsw.Connection, digest: bytes, at: int) -> bool:
    """Return whether an invitation to the server is valid at that time."""
    found = "SELECT 1 FROM invite WHERE digest = ? AND expires > ?"
    return db.execute(found, (digest, at)).get is not None


def remove_invite(db: apsw.Connection, digest: bytes) -> None:
    """Use up an invitation to the server."""
    db.execute("DELETE FROM invite WHERE digest = ?", (digest,))


def use_room_invite(
    db: apsw.Connection, room: int, digest: bytes, account: int, at: int
) -> AuditRecord:
    """Use up a valid invitation to `room`, for `account`; return the audit entry."""
    used = "DELETE FROM room_invite WHERE digest = ? RETURNING by"
    author: int = db.execute(used, (digest,)).get
    id = insert_entry(db, AuditDraft(room, account, "join", at, target=author))
    return read_entries(db, room, id + 1, 1)[0]


def remove_invites_of(db: apsw.Connection, account: int | None, room: int | None = None) -> None:
    """Remove the invitations that `account` has made: to `room`, or to all rooms."""
    ended = "DELETE FROM room_invite WHERE by = ? AND room = coalesce(?, room)"
    db.execute(ended, (account, room))
