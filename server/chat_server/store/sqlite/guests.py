"""Guests, in SQLite."""

from typing import Final

import apsw

from chat_server.store.api import (
    GENERAL_ROOM,
    AccountRecord,
    AuditDraft,
    AuditRecord,
    FullError,
    GoneError,
    GuestCounts,
    InvalidInviteError,
    TakenError,
)
from chat_server.store.sqlite.accounts import remove_account
from chat_server.store.sqlite.audit import insert_entry, read_entries
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.sqlite.invites import (
    has_invite,
    invited_room,
    remove_invite,
    use_room_invite,
)
from chat_server.store.sqlite.members import insert_member

# As an invitation to a room: valid where that exists, and while its author may log in.
_INVITE: Final = (
    "SELECT id, room, by FROM room_invite WHERE guests > 0 AND digest = ? AND expires > ?"
    " AND EXISTS (SELECT 1 FROM room WHERE id = room_invite.room AND removed IS NULL)"
    " AND EXISTS (SELECT 1 FROM account WHERE id = by AND locked IS NULL)"
)


class SqliteGuests(Subject):
    @raises_store_errors
    def guest_room(self, digest: bytes, at: int) -> int | None:
        found = self._db.execute(_INVITE, (digest, at)).fetchone()
        return None if found is None else found[1]

    @one_transaction
    def add_guest(
        self, key: str, name: str, at: int, until: int, invite: bytes, most: GuestCounts
    ) -> tuple[AccountRecord, AuditRecord]:
        found = self._db.execute(_INVITE, (invite, at)).fetchone()
        if found is None:
            raise InvalidInviteError
        number, room, author = found
        _check_place(self._db, number, room, most)
        account: int | None = self._db.execute(
            "INSERT INTO account (key, name, password, created, guest_until, guest_invite)"
            " VALUES (?, ?, '', ?, ?, ?) ON CONFLICT (key) DO NOTHING RETURNING id",
            (key, name, at, until, number),
        ).get
        if account is None:
            raise TakenError
        insert_member(self._db, room, account, at)
        entry = _entry(self._db, AuditDraft(room, account, "register_guest", at, target=author))
        return AccountRecord(account, name, "", guest_until=until), entry

    @one_transaction
    def keep_guest(
        self, account: int, password: str, at: int, invite: bytes | None = None
    ) -> list[AuditRecord]:
        if not _is_guest(self._db, account):
            raise GoneError
        invited = _room_to_join(self._db, invite, at) if invite else None
        self._db.execute(
            "UPDATE account SET password = ?, guest_until = NULL, guest_invite = NULL WHERE id = ?",
            (password, account),
        )
        own: int = self._db.execute("SELECT room FROM member WHERE account = ?", (account,)).get
        entries = [_entry(self._db, AuditDraft(own, account, "keep", at))]
        insert_member(self._db, GENERAL_ROOM, account, at)
        if invited is not None and invite is not None:
            insert_member(self._db, invited, account, at)
            entries.append(use_room_invite(self._db, invited, invite, account, at))
        elif invite is not None:
            remove_invite(self._db, invite)
        return entries

    @raises_store_errors
    def has_guests(self) -> bool:
        return (
            self._db.execute(
                "SELECT 1 FROM account WHERE guest_until IS NOT NULL AND removed IS NULL"
            ).get
            is not None
        )

    @raises_store_errors
    def ended_guests(self, at: int) -> list[AccountRecord]:
        rows = self._db.execute(
            "SELECT id, name, password, locked IS NOT NULL, false, guest_until FROM account"
            " WHERE guest_until IS NOT NULL AND removed IS NULL AND (guest_until <= ? OR NOT EXISTS"
            " (SELECT 1 FROM member JOIN room ON room.id = member.room"
            " WHERE member.account = account.id AND room.removed IS NULL)) ORDER BY id",
            (at,),
        )
        return [AccountRecord(*row) for row in rows]

    @raises_store_errors
    def absent_guests(self, invite: bytes, before: int, *, in_room: bool) -> list[AccountRecord]:
        rows = self._db.execute(
            "SELECT account.id, name, password, locked IS NOT NULL, false, guest_until FROM account"
            " JOIN room_invite ON digest = ?"
            " WHERE guest_until IS NOT NULL AND removed IS NULL"
            " AND max(seen, account.created) < ? AND CASE WHEN ?"
            " THEN EXISTS (SELECT 1 FROM member"
            " WHERE member.account = account.id AND member.room = room_invite.room)"
            " ELSE guest_invite = room_invite.id END"
            " ORDER BY max(seen, account.created), account.id",
            (invite, before, in_room),
        )
        return [AccountRecord(*row) for row in rows]

    @one_transaction
    def remove_guest(self, account: int, at: int) -> bool:
        if not _is_guest(self._db, account):
            return False
        remove_account(self._db, account, at)
        return True


def _check_place(db: apsw.Connection, invite: int, room: int, most: GuestCounts) -> None:
    """Raise FullError, of the invitation or the room, if as many guests are there as may be."""
    came = (
        "SELECT count(*) FROM account"
        " WHERE guest_invite = ? AND guest_until IS NOT NULL AND removed IS NULL"
    )
    if db.execute(came, (invite,)).get >= most.by_invite:
        raise FullError("invitation")
    there = (
        "SELECT count(*) FROM account JOIN member ON member.account = account.id"
        " WHERE member.room = ? AND guest_until IS NOT NULL AND removed IS NULL"
    )
    if db.execute(there, (room,)).get >= most.in_room:
        raise FullError("room")


def _is_guest(db: apsw.Connection, account: int) -> bool:
    found = "SELECT 1 FROM account WHERE id = ? AND guest_until IS NOT NULL AND removed IS NULL"
    return db.execute(found, (account,)).get is not None


def _room_to_join(db: apsw.Connection, invite: bytes, at: int) -> int | None:
    """Return the room of an invitation, None for one to the server. Raises InvalidInviteError."""
    if has_invite(db, invite, at):
        return None
    room = invited_room(db, invite, at)
    if room is None:
        raise InvalidInviteError
    return room


def _entry(db: apsw.Connection, draft: AuditDraft) -> AuditRecord:
    id = insert_entry(db, draft)
    return read_entries(db, draft.room, id + 1, 1)[0]
