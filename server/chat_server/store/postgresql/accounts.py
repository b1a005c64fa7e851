"""Accounts, in PostgreSQL."""

from chat_server.store.api import (
    GENERAL_ROOM,
    AccountRecord,
    AuditRecord,
    InvalidInviteError,
    TakenError,
    Transfer,
)
from chat_server.store.postgresql.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.postgresql.invites import (
    has_invite,
    invited_room,
    remove_invite,
    remove_invites_of,
    use_room_invite,
)
from chat_server.store.postgresql.members import insert_member
from chat_server.store.postgresql.ownership import transfer_rooms
from chat_server.store.postgresql.queries import Database, change, first, value


class PostgresqlAccounts(Subject):
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
        row = first(
            self._db,
            "SELECT id, name, password, locked IS NOT NULL, removed IS NOT NULL,"
            " coalesce(guest_until, 0) FROM account WHERE key = %s",
            (key,),
        )
        return AccountRecord(*row) if row else None

    @raises_store_errors
    def set_password(self, account: int, password: str) -> None:
        change(self._db, "UPDATE account SET password = %s WHERE id = %s", (password, account))

    @one_transaction
    def reset_password(self, account: int, password: str) -> None:
        change(self._db, "UPDATE account SET password = %s WHERE id = %s", (password, account))
        change(self._db, "DELETE FROM ssh_key WHERE account = %s", (account,))

    @raises_store_errors
    def set_locked(self, account: int, at: int | None) -> None:
        change(self._db, "UPDATE account SET locked = %s WHERE id = %s", (at, account))

    @one_transaction
    def remove_account(self, account: int, at: int) -> list[Transfer]:
        return remove_account(self._db, account, at)


def remove_account(db: Database, account: int, at: int) -> list[Transfer]:
    """Delete `account` and what is its alone; return the transfers of its rooms."""
    for table in "token", "ssh_key", "preference", "member":
        change(db, f"DELETE FROM {table} WHERE account = %s", (account,))  # noqa: S608
    change(db, "DELETE FROM block WHERE account = %s OR blocked = %s", (account, account))
    remove_invites_of(db, account)
    change(db, "UPDATE account SET password = '', removed = %s WHERE id = %s", (at, account))
    return transfer_rooms(db, account)


def _insert_account(db: Database, key: str, name: str, password: str, at: int) -> AccountRecord:
    account: int | None = value(
        db,
        "INSERT INTO account (key, name, password, created) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (key) DO NOTHING RETURNING id",
        (key, name, password, at),
    )
    if account is None:
        raise TakenError
    insert_member(db, GENERAL_ROOM, account, at)
    return AccountRecord(account, name, password)


def _invited_room(db: Database, invite: bytes, at: int) -> int:
    room = invited_room(db, invite, at)
    if room is None:
        raise InvalidInviteError
    return room
