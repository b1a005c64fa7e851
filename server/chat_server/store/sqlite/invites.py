"""Invitations to the server and to rooms, in SQLite."""

import apsw

from chat_server.store.api import AuditDraft, InvalidInviteError
from chat_server.store.sqlite.audit import insert_entry
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors


class SqliteInvites(Subject):
    @one_transaction
    def add_invite(self, digest: bytes, at: int, expires: int) -> None:
        self._db.execute("DELETE FROM invite WHERE expires <= ?", (at,))
        self._db.execute("INSERT INTO invite VALUES (?, ?)", (digest, expires))

    @raises_store_errors
    def has_invite(self, digest: bytes, at: int) -> bool:
        found = "SELECT 1 FROM invite WHERE digest = ? AND expires > ?"
        return self._db.execute(found, (digest, at)).get is not None

    @one_transaction
    def add_room_invite(self, entry: AuditDraft, digest: bytes, limit: int) -> int | None:
        expired = "DELETE FROM room_invite WHERE room = ? AND expires <= ?"
        self._db.execute(expired, (entry.room, entry.at))
        unused = "SELECT count(*) FROM room_invite WHERE room = ?"
        if self._db.execute(unused, (entry.room,)).get >= limit:
            return None
        values = (digest, entry.room, entry.until)
        self._db.execute("INSERT INTO room_invite VALUES (?, ?, ?)", values)
        return insert_entry(self._db, entry)

    @raises_store_errors
    def has_room_invite(self, room: int, digest: bytes, at: int) -> bool:
        found = "SELECT 1 FROM room_invite WHERE digest = ? AND room = ? AND expires > ?"
        return self._db.execute(found, (digest, room, at)).get is not None


def use_invite(db: apsw.Connection, digest: bytes, at: int) -> None:
    """Use up an invitation to the server. Raises InvalidInviteError."""
    used = "DELETE FROM invite WHERE digest = ? AND expires > ? RETURNING 1"
    if db.execute(used, (digest, at)).get is None:
        raise InvalidInviteError


def use_room_invite(db: apsw.Connection, room: int, digest: bytes, at: int) -> None:
    """Use up an invitation to `room`. Raises InvalidInviteError."""
    used = "DELETE FROM room_invite WHERE digest = ? AND room = ? AND expires > ? RETURNING 1"
    if db.execute(used, (digest, room, at)).get is None:
        raise InvalidInviteError
