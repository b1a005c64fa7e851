"""Ownership of rooms, in SQLite."""

from dataclasses import replace

import apsw

from chat_server.store.api import AuditDraft, Transfer
from chat_server.store.sqlite.audit import insert_entry
from chat_server.store.sqlite.bulk import as_json
from chat_server.store.sqlite.guard import Subject, one_transaction
from chat_server.store.sqlite.members import (
    delete_member,
    insert_member,
    is_member,
    oldest_member,
)


class SqliteOwnership(Subject):
    @one_transaction
    def hand_over(self, entry: AuditDraft) -> int | None:
        if entry.target is None or not is_member(self._db, entry.room, entry.target):
            return None
        _set_owner(self._db, entry.room, entry.target)
        return insert_entry(self._db, entry)

    @one_transaction
    def leave(self, entry: AuditDraft, successor: int | None) -> Transfer | None:
        delete_member(self._db, entry.room, entry.by)
        owned = "SELECT 1 FROM room WHERE id = ? AND owner = ?"
        if self._db.execute(owned, (entry.room, entry.by)).get is None:
            return None
        if successor is None or not is_member(self._db, entry.room, successor):
            successor = oldest_member(self._db, entry.room)
        name = _set_owner(self._db, entry.room, successor)
        number = insert_entry(self._db, replace(entry, target=successor)) if successor else 0
        return Transfer(entry.room, successor, name, number)

    @one_transaction
    def set_owner(self, room: int, account: int, at: int) -> None:
        insert_member(self._db, room, account, at)
        _set_owner(self._db, room, account)


def transfer_rooms(db: apsw.Connection, account: int) -> list[Transfer]:
    """Make the oldest member the owner of each room of `account`, which is a member of none."""
    successors = (
        "UPDATE room SET owner = (SELECT member.account FROM member"
        " JOIN account ON account.id = member.account"
        " WHERE member.room = room.id AND guest_until IS NULL"
        " ORDER BY since, member.account LIMIT 1)"
        " WHERE owner = ? AND removed IS NULL"
        " RETURNING id, owner, coalesce((SELECT name FROM account WHERE id = owner), '')"
    )
    transfers = [Transfer(*row) for row in db.execute(successors, (account,))]
    db.execute(
        "DELETE FROM sanction WHERE room IN (SELECT value FROM json_each(?))"
        " AND account = (SELECT owner FROM room WHERE id = sanction.room)",
        (as_json([transfer.room for transfer in transfers]),),
    )
    return transfers


def _set_owner(db: apsw.Connection, room: int, account: int | None) -> str:
    """Make `account` the owner, neither banned nor muted; return its name, "" for nobody."""
    db.execute("UPDATE room SET owner = ? WHERE id = ?", (account, room))
    db.execute("DELETE FROM sanction WHERE room = ? AND account = ?", (room, account))
    return db.execute("SELECT name FROM account WHERE id = ?", (account,)).get or ""
