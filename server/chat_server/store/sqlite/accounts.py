"""Accounts, in SQLite."""

import apsw

from chat_server.store.api import (
    GENERAL_ROOM,
    AccountRecord,
    AuditRecord,
    InvalidInviteError,
    TakenError,
    Transfer,
)
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.sqlite.invites import (
    has_invite,
    invited_room,
    remove_invite,
    remove_invites_of,
    use_room_invite,
)
from chat_server.store.sqlite.members import insert_member
from chat_server.store.sqlite.ownership import transfer_rooms


class SqliteAccounts(Subject):
    @one_transaction
    def add_account(self, key: str, name: str, password: str, at: int) -> AccountRecord:
        return _insert_account(self._db, key, name, password, at)

    @one_transaction
    def add_invited_account(
        self, key: str, name: str, password: str, at: int, invite: bytes
    ) -> tuple[AccountRecord, AuditRecord | None]:
        # First: who has no invitation must not learn which names are taken.
        room = None if has_invite(self._db, invite, at) else _invited_room(self._db, invite, at)
        account = _insert_account(self._db, key, name, password, at)
        if room is None:
            remove_invite(self._db, invite)
            return account, None
        insert_member(self._db, room, account.id, at)
        return account, use_room_invite(self._db, room, invite, account.id, at)

    @raises_store_errors
    def account(self, key: str) -> AccountRecord | None:
        row = self._db.execute(
            "SELECT id, name, password, locked IS NOT NULL, removed IS NOT NULL,"
            " coalesce(guest_until, 0) FROM account WHERE key = ?",
            (key,),
        ).fetchone()
        return row and AccountRecord(*row)

    @raises_store_errors
    def set_password(self, account: int, password: str) -> None:
        self._db.execute("UPDATE account SET password = ? WHERE id = ?", (password, account))

    @one_transaction
    def reset_password(self, account: int, password: str) -> None:
        self._db.execute("UPDATE account SET password = ? WHERE id = ?", (password, account))
        self._db.execute("DELETE FROM ssh_key WHERE account = ?", (account,))

    @raises_store_errors
    def set_locked(self, account: int, at: int | None) -> None:
        self._db.execute("UPDATE account SET locked = ? WHERE id = ?", (at, account))

    @one_transaction
    def remove_account(self, account: int, at: int) -> list[Transfer]:
        return remove_account(self._db, account, at)


def remove_account(db: apsw.Connection, account: int, at: int) -> list[Transfer]:
    """Delete `account` and what is its alone; return the transfers of its rooms."""
    db.execute("DELETE FROM token WHERE account = ?", (account,))
    db.execute("DELETE FROM ssh_key WHERE account = ?", (account,))
    db.execute("DELETE FROM preference WHERE account = ?", (account,))
    db.execute("DELETE FROM member WHERE account = ?", (account,))
    db.execute("DELETE FROM block WHERE account = ?1 OR blocked = ?1", (account,))
    remove_invites_of(db, account)
    db.execute("UPDATE account SET password = '', removed = ? WHERE id = ?", (at, account))
    return transfer_rooms(db, account)


def _insert_account(
    db: apsw.Connection, key: str, name: str, password: str, at: int
) -> AccountRecord:
    account: int | None = db.execute(
        "INSERT INTO account (key, name, password, created) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (key) DO NOTHING RETURNING id",
        (key, name, password, at),
    ).get
    if account is None:
        raise TakenError
    insert_member(db, GENERAL_ROOM, account, at)
    return AccountRecord(account, name, password)


def _invited_room(db: apsw.Connection, invite: bytes, at: int) -> int:
    room = invited_room(db, invite, at)
    if room is None:
        raise InvalidInviteError
    return room
