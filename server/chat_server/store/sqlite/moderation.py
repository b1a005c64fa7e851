"""What owners do in their rooms: bans and mutes, invitations, whose they are, and a list of it.

What each method promises stands at `OwnersStore`.
"""

from dataclasses import replace
from typing import Final

import apsw

from chat_server.store.api import (
    AuditDraft,
    AuditRecord,
    InvalidInviteError,
    Sanction,
    SanctionKind,
    Transfer,
)
from chat_server.store.sqlite.guard import one_transaction, raises_store_errors
from chat_server.store.sqlite.rows import insert_member

# Acts that a room remembers. Owners are bounded by their rate alone, and a
# room is not to grow by what is done in it without a word being said.
MAX_AUDIT_ENTRIES: Final = 1_000


class SqliteModeration:
    """The part of `SqliteStore` that owners of rooms need."""

    _db: apsw.Connection

    # --- the room

    @one_transaction
    def set_topic(self, act: AuditDraft, topic: str) -> int:
        self._db.execute("UPDATE room SET topic = ? WHERE id = ?", (topic, act.room))
        return note(self._db, act)

    @one_transaction
    def renew_room_password(self, act: AuditDraft, password: str) -> int:
        self._db.execute("UPDATE room SET password = ? WHERE id = ?", (password, act.room))
        return note(self._db, act)

    # --- who may come in

    @one_transaction
    def add_room_invite(self, act: AuditDraft, digest: bytes, most: int) -> int | None:
        ended = "DELETE FROM room_invite WHERE room = ? AND expires <= ?"
        self._db.execute(ended, (act.room, act.at))
        waiting = "SELECT count(*) FROM room_invite WHERE room = ?"
        if self._db.execute(waiting, (act.room,)).get >= most:
            return None
        self._db.execute("INSERT INTO room_invite VALUES (?, ?, ?)", (digest, act.room, act.until))
        return note(self._db, act)

    @raises_store_errors
    def has_room_invite(self, room: int, digest: bytes, at: int) -> bool:
        found = "SELECT 1 FROM room_invite WHERE digest = ? AND room = ? AND expires > ?"
        return self._db.execute(found, (digest, room, at)).get is not None

    @raises_store_errors
    def is_member(self, room: int, account: int) -> bool:
        return self._is_member(room, account)

    # --- who may stay, and write

    @one_transaction
    def kick(self, act: AuditDraft) -> int | None:
        self._remove_member(act.room, act.target)
        if not self._db.changes():
            return None
        return note(self._db, act)

    @one_transaction
    def impose(self, act: AuditDraft, kind: SanctionKind, most: int) -> int | None:
        self._forget_ended(act, kind)
        others = "SELECT count(*) FROM sanction WHERE room = ? AND kind = ? AND account <> ?"
        if self._db.execute(others, (act.room, kind, act.target)).get >= most:
            return None
        self._db.execute(
            "INSERT OR REPLACE INTO sanction VALUES (?, ?, ?, ?, ?)",
            (act.room, kind, act.target, act.until, act.reason),
        )
        if kind == "ban":
            self._remove_member(act.room, act.target)
        return note(self._db, act)

    @one_transaction
    def lift(self, act: AuditDraft, kind: SanctionKind) -> int | None:
        self._forget_ended(act, kind)
        self._db.execute(
            "DELETE FROM sanction WHERE room = ? AND kind = ? AND account = ?",
            (act.room, kind, act.target),
        )
        if not self._db.changes():
            return None
        return note(self._db, act)

    @raises_store_errors
    def ban(self, room: int, account: int, at: int) -> Sanction | None:
        found = self._sanctions("room = ? AND kind = 'ban' AND account = ?", at, room, account)
        return found[0] if found else None

    @raises_store_errors
    def mutes(self, at: int) -> list[Sanction]:
        return self._sanctions("kind = 'mute'", at)

    # --- whose it is

    @one_transaction
    def hand_over(self, act: AuditDraft) -> int | None:
        if act.target is None or not self._is_member(act.room, act.target):
            return None
        give(self._db, act.room, act.target)
        return note(self._db, act)

    @one_transaction
    def leave(self, act: AuditDraft, heir: int | None) -> Transfer | None:
        self._remove_member(act.room, act.by)
        owned = "SELECT 1 FROM room WHERE id = ? AND owner = ?"
        if self._db.execute(owned, (act.room, act.by)).get is None:
            return None
        if heir is None or not self._is_member(act.room, heir):
            heir = oldest_member(self._db, act.room)
        name = give(self._db, act.room, heir)
        number = note(self._db, replace(act, target=heir)) if heir else 0
        return Transfer(act.room, heir, name, number)

    @one_transaction
    def set_owner(self, room: int, account: int, at: int) -> None:
        insert_member(self._db, room, account, at)
        give(self._db, room, account)

    # --- what was done

    @raises_store_errors
    def audit_entries(self, room: int, before: int, limit: int) -> list[AuditRecord]:
        return read_acts(self._db, room, before, limit)

    @raises_store_errors
    def remove_old_audit_entries(self, room: int, before: int, most: int) -> int:
        self._db.execute(
            "DELETE FROM act WHERE id IN (SELECT id FROM act WHERE room = ? AND at < ? LIMIT ?)",
            (room, before, most),
        )
        return self._db.changes()

    # --- parts of transactions

    def _use_room_invite(self, room: int, digest: bytes, at: int) -> None:
        used = "DELETE FROM room_invite WHERE digest = ? AND room = ? AND expires > ? RETURNING 1"
        if self._db.execute(used, (digest, room, at)).get is None:
            raise InvalidInviteError

    def _is_member(self, room: int, account: int) -> bool:
        found = "SELECT 1 FROM member WHERE account = ? AND room = ?"
        return self._db.execute(found, (account, room)).get is not None

    def _remove_member(self, room: int, account: int | None) -> None:
        self._db.execute("DELETE FROM member WHERE room = ? AND account = ?", (room, account))

    def _forget_ended(self, act: AuditDraft, kind: SanctionKind) -> None:
        self._db.execute(
            "DELETE FROM sanction WHERE room = ? AND kind = ? AND until BETWEEN 1 AND ?",
            (act.room, kind, act.at),
        )

    def _sanctions(self, which: str, at: int, *values: int) -> list[Sanction]:
        found = "SELECT room, account, until, reason FROM sanction"
        rows = self._db.execute(
            f"{found} WHERE {which} AND (until = 0 OR until > ?)", (*values, at)
        )
        return [Sanction(*row) for row in rows]


def note(db: apsw.Connection, act: AuditDraft) -> int:
    """Write `act` down, forget what is too far behind it, and return its number."""
    number: int = db.execute(
        "INSERT INTO act (room, at, by, action, whom, until, reason)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (act.room, act.at, act.by, act.action, act.target, act.until, act.reason),
    ).get
    db.execute(
        "DELETE FROM act WHERE room = ?1 AND id <="
        " (SELECT id FROM act WHERE room = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        (act.room, MAX_AUDIT_ENTRIES),
    )
    return number


def read_acts(db: apsw.Connection, room: int, before: int, limit: int) -> list[AuditRecord]:
    """Return the newest `limit` acts in `room` with a lower number than `before`, newest first."""
    rows = db.execute(
        "SELECT act.id, at, owner.name, action, coalesce(whom.name, ''), until, reason"
        " FROM act JOIN account AS owner ON owner.id = act.by"
        " LEFT JOIN account AS whom ON whom.id = act.whom"
        " WHERE room = ? AND act.id < ? ORDER BY act.id DESC LIMIT ?",
        (room, before, limit),
    )
    return [AuditRecord(*row) for row in rows]


def oldest_member(db: apsw.Connection, room: int) -> int | None:
    """Return who has been in `room` for longest."""
    oldest = "SELECT account FROM member WHERE room = ? ORDER BY since, account LIMIT 1"
    account: int | None = db.execute(oldest, (room,)).get
    return account


def give(db: apsw.Connection, room: int, account: int | None) -> str:
    """Let `account` own `room`, neither banned nor muted there; return its name, "" for nobody."""
    db.execute("UPDATE room SET owner = ? WHERE id = ?", (account, room))
    db.execute("DELETE FROM sanction WHERE room = ? AND account = ?", (room, account))
    return db.execute("SELECT name FROM account WHERE id = ?", (account,)).get or ""


def transfer(db: apsw.Connection, account: int) -> list[Transfer]:
    """Let the oldest member own each room of `account`, who is in none any more."""
    owned = "SELECT id FROM room WHERE owner = ? AND removed IS NULL"
    rooms = [room for (room,) in db.execute(owned, (account,))]
    heirs = [oldest_member(db, room) for room in rooms]
    return [
        Transfer(room, heir, give(db, room, heir)) for room, heir in zip(rooms, heirs, strict=True)
    ]
