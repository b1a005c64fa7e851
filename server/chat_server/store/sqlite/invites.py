"""Invitations to the server and to rooms, in SQLite."""

from typing import Final

import apsw

from chat_server.store.api import AuditDraft, InvalidInviteError
from chat_server.store.sqlite.audit import insert_entry
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors

_KEPT: Final = 30 * 86_400_000  # milliseconds for which an expired invitation is kept


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
        found = "SELECT 1 FROM invite WHERE digest = ? AND expires > ?"
        return self._db.execute(found, (digest, at)).get is not None

    @one_transaction
    def add_room_invite(self, entry: AuditDraft, digest: bytes, limit: int) -> int | None:
        if not _make_place(self._db, entry, limit):
            return None
        values = (digest, entry.room, entry.until)
        self._db.execute("INSERT INTO room_invite VALUES (?, ?, ?)", values)
        return insert_entry(self._db, entry)

    @raises_store_errors
    def has_room_invite(self, room: int, digest: bytes, at: int) -> bool:
        found = "SELECT 1 FROM room_invite WHERE digest = ? AND room = ? AND expires > ?"
        return self._db.execute(found, (digest, room, at)).get is not None


def _make_place(db: apsw.Connection, entry: AuditDraft, limit: int) -> bool:
    """Return whether there is place for one more; remove one that has expired if need be."""
    count: int = db.execute("SELECT count(*) FROM room_invite WHERE room = ?", (entry.room,)).get
    if count < limit:
        return True
    db.execute(
        "DELETE FROM room_invite WHERE digest = (SELECT digest FROM room_invite"
        " WHERE room = ? AND expires <= ? ORDER BY expires LIMIT 1)",
        (entry.room, entry.at),
    )
    return bool(db.changes())


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
