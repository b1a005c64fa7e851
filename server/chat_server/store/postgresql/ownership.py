"""Ownership of rooms, in PostgreSQL."""

from dataclasses import replace

from chat_server.store.api import AuditDraft, Transfer
from chat_server.store.postgresql.audit import insert_entry
from chat_server.store.postgresql.guard import Subject, one_transaction
from chat_server.store.postgresql.members import (
    delete_member,
    insert_member,
    is_member,
    oldest_member,
)
from chat_server.store.postgresql.queries import Database, change, rows, value


class PostgresqlOwnership(Subject):
    @one_transaction
    def hand_over(self, entry: AuditDraft) -> int | None:
        if entry.target is None or not is_member(self._db, entry.room, entry.target):
            return None
        _set_owner(self._db, entry.room, entry.target)
        return insert_entry(self._db, entry)

    @one_transaction
    def leave(self, entry: AuditDraft, successor: int | None) -> Transfer | None:
        delete_member(self._db, entry.room, entry.by)
        owned = "SELECT 1 FROM room WHERE id = %s AND owner = %s"
        if value(self._db, owned, (entry.room, entry.by)) is None:
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


def transfer_rooms(db: Database, account: int) -> list[Transfer]:
    """Make the oldest member the owner of each room of `account`, which is a member of none."""
    transferred = rows(
        db,
        "UPDATE room SET owner = (SELECT member.account FROM member"
        " JOIN account ON account.id = member.account"
        " WHERE member.room = room.id AND guest_until IS NULL"
        " ORDER BY since, member.account LIMIT 1)"
        " WHERE owner = %s AND removed IS NULL"
        " RETURNING id, owner, coalesce((SELECT name FROM account WHERE account.id = owner), '')",
        (account,),
    )
    change(
        db,
        "DELETE FROM sanction USING room WHERE room.id = ANY(%s::bigint[])"
        " AND sanction.room = room.id AND sanction.account = room.owner",
        ([room for room, *_ in transferred],),
    )
    return [Transfer(*row) for row in transferred]


def _set_owner(db: Database, room: int, account: int | None) -> str:
    """Make `account` the owner, neither banned nor muted; return its name, "" for nobody."""
    change(db, "UPDATE room SET owner = %s WHERE id = %s", (account, room))
    change(db, "DELETE FROM sanction WHERE room = %s AND account = %s", (room, account))
    return value(db, "SELECT name FROM account WHERE id = %s", (account,)) or ""
