"""The embedded store: one SQLite file in WAL mode.

Each method is one transaction on the connection it was given. A commit is on
disk when it returns (`synchronous=FULL`), or at least with the kernel
(`NORMAL`), as the durability asked for says.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import groupby
from pathlib import Path

import apsw

from chat_server.config import Durability
from chat_server.errors import UnusableStoreError
from chat_server.store.api import (
    GENERAL_ROOM,
    AccountRecord,
    Draft,
    MessageRecord,
    Receipt,
    RoomRecord,
    TakenError,
)
from chat_server.store.sqlite.access import SqliteAccess
from chat_server.store.sqlite.changes import SqliteChanges, as_json
from chat_server.store.sqlite.guard import raises_store_errors
from chat_server.store.sqlite.moderation import SqliteModeration
from chat_server.store.sqlite.people import SqlitePeople
from chat_server.store.sqlite.rows import insert_member, read_rooms
from chat_server.store.sqlite.schema import MIGRATIONS, VERSION
from chat_server.store.sqlite.transaction import transaction
from chat_server.store.sqlite.upkeep import SqliteUpkeep

_BUSY_TIMEOUT = 5_000  # milliseconds to wait for another process (a backup, a shell)
_SYNCHRONOUS: dict[Durability, str] = {"power": "FULL", "process": "NORMAL"}

_INSERT_MESSAGES = "INSERT INTO message (room, seq, author, at, nonce, text, reply)"
_COLUMNS = 7
_ROW = "(?, ?, ?, ?, ?, ?, ?)"
_ROWS_AT_ONCE = 1_000  # SQLite takes 32,766 values in one statement

_MESSAGES = (
    "SELECT seq, name,"
    " CASE change WHEN 'edit' THEN coalesce((SELECT text FROM message AS target"
    " WHERE target.room = message.room AND target.seq = message.of), '') ELSE text END,"
    " at, nonce, reply, edited, deleted IS NOT NULL, change, of, off FROM message"
    " JOIN account ON account.id = author WHERE room = ?"
)
_AMONG = "AND seq IN (SELECT value FROM json_each(?)) ORDER BY seq"


def configure(db: apsw.Connection, durability: Durability) -> None:
    """Make `db` durable and strict. Raises UnusableStoreError if it is no database."""
    db.set_busy_timeout(_BUSY_TIMEOUT)
    try:
        db.pragma("journal_mode", "wal")
    except apsw.NotADBError:
        raise UnusableStoreError(f"{db.filename} is not a chat database.") from None
    db.pragma("synchronous", _SYNCHRONOUS[durability])
    db.pragma("foreign_keys", True)
    # What is deleted is overwritten: it was asked to be gone, and costs nothing to speak of.
    db.pragma("secure_delete", True)


def migrate(db: apsw.Connection) -> None:
    """Bring the tables to this version, in one transaction, after a backup beside the file.

    Raises UnusableStoreError for a file that a newer version has written.
    """
    version = db.pragma("user_version")
    if version > VERSION:
        raise UnusableStoreError(
            f"{db.filename} was written by a newer chat-server "
            f"(version {version}; this one knows {VERSION}). "
            "Install that one, or use another folder."
        )
    if version == VERSION:
        return
    if version:
        back_up(db, Path(f"{db.filename}.v{version}"))
    with transaction(db):
        for script in MIGRATIONS[version:]:
            db.execute(script).fetchall()
        db.pragma("user_version", VERSION)


def back_up(db: apsw.Connection, target: Path) -> None:
    """Write a copy of all of `db` to `target`, consistent although others go on writing."""
    target.touch(mode=0o600)
    with apsw.Connection(str(target)) as copy, copy.backup("main", db, "main") as backup:
        backup.step(-1)


class SqliteStore(SqliteAccess, SqliteChanges, SqliteModeration, SqlitePeople, SqliteUpkeep):
    """`Store` on one connection. Made and used on that connection's thread only."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    # --- accounts

    @raises_store_errors
    def add_account(
        self, key: str, name: str, password: str, at: int, invite: bytes | None = None
    ) -> AccountRecord:
        with transaction(self._db):
            if invite is not None:
                self._use_invite(invite, at)
            account = self._insert_named(
                "INSERT INTO account (key, name, password, created) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (key) DO NOTHING RETURNING id",
                (key, name, password, at),
            )
            insert_member(self._db, GENERAL_ROOM, account, at)
        return AccountRecord(account, name, password)

    @raises_store_errors
    def account(self, key: str) -> AccountRecord | None:
        row = self._db.execute(
            "SELECT id, name, password, locked IS NOT NULL, removed IS NOT NULL"
            " FROM account WHERE key = ?",
            (key,),
        ).fetchone()
        return row and AccountRecord(*row)

    @raises_store_errors
    def set_password(self, account: int, password: str) -> None:
        self._db.execute("UPDATE account SET password = ? WHERE id = ?", (password, account))

    @raises_store_errors
    def add_token(self, digest: bytes, account: int, at: int, keep: int) -> list[bytes]:
        void: list[bytes] = []
        with transaction(self._db):
            self._db.execute("INSERT INTO token VALUES (?, ?, ?, ?)", (digest, account, at, at))
            for (old,) in self._db.execute(
                "DELETE FROM token WHERE digest IN (SELECT digest FROM token"
                " WHERE account = ? ORDER BY created DESC, digest = ? DESC LIMIT -1 OFFSET ?)"
                " RETURNING digest",
                (account, digest, keep),
            ):
                void.append(old)
        return void

    @raises_store_errors
    def account_of_token(self, digest: bytes) -> AccountRecord | None:
        row = self._db.execute(
            "SELECT account.id, name, password FROM token"
            " JOIN account ON account.id = token.account WHERE digest = ? AND locked IS NULL",
            (digest,),
        ).fetchone()
        return row and AccountRecord(*row)

    @raises_store_errors
    def revoke_token(self, digest: bytes) -> None:
        self._db.execute("DELETE FROM token WHERE digest = ?", (digest,))

    # --- rooms

    @raises_store_errors
    def rooms(self) -> list[RoomRecord]:
        return read_rooms(self._db, "ORDER BY room.id")

    @raises_store_errors
    def add_room(self, key: str, name: str, owner: int, password: str, at: int) -> RoomRecord:
        with transaction(self._db):
            room = self._insert_named(
                "INSERT INTO room (key, name, owner, password, created) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (key) DO NOTHING RETURNING id",
                (key, name, owner, password, at),
            )
            insert_member(self._db, room, owner, at)
        return read_rooms(self._db, "WHERE room.id = ?", room)[0]

    @raises_store_errors
    def rooms_of(self, account: int) -> list[int]:
        return [
            room
            for (room,) in self._db.execute(
                "SELECT room FROM member JOIN room ON room.id = room"
                " WHERE account = ? AND removed IS NULL ORDER BY room",
                (account,),
            )
        ]

    @raises_store_errors
    def add_member(self, room: int, account: int, at: int, invite: bytes | None = None) -> None:
        with transaction(self._db):
            if invite is not None:
                self._use_room_invite(room, invite, at)
            insert_member(self._db, room, account, at)

    # --- messages

    @raises_store_errors
    def append(self, drafts: Sequence[Draft], at: int) -> list[Receipt]:
        try:
            with transaction(self._db):
                receipts = self._append_in_order(drafts, at)
        except apsw.ConstraintError:
            # A nonce came twice, as it does after a cut: now one by one.
            with transaction(self._db):
                receipts = [self._append_once(draft, at) for draft in drafts]
        return receipts

    @raises_store_errors
    def receipt(self, author: int, nonce: str) -> Receipt | None:
        return self._receipt(author, nonce)

    @raises_store_errors
    def messages_before(self, room: int, before: int, limit: int) -> list[MessageRecord]:
        return self._messages("seq < ? ORDER BY seq DESC", room, before, limit)[::-1]

    @raises_store_errors
    def messages_after(self, room: int, after: int, limit: int) -> list[MessageRecord]:
        return self._messages("seq > ? ORDER BY seq", room, after, limit)

    @raises_store_errors
    def messages_at(self, room: int, seqs: Collection[int]) -> list[MessageRecord]:
        rows = self._db.execute(f"{_MESSAGES} {_AMONG}", (room, as_json(seqs)))
        return [MessageRecord(*row) for row in rows]

    # --- parts of transactions

    def _append_in_order(self, drafts: Sequence[Draft], at: int) -> list[Receipt]:
        """Append `drafts` that are all fresh: messages many at once, changes one by one."""
        if not any(draft.change for draft in drafts):
            return self._append_fresh(drafts, at)
        receipts: list[Receipt] = []
        for change, run in groupby(drafts, key=lambda draft: bool(draft.change)):
            if change:
                receipts += [self._append_change(draft, at) for draft in run]
            else:
                receipts += self._append_fresh(list(run), at)
        return receipts

    def _append_fresh(self, drafts: Sequence[Draft], at: int) -> list[Receipt]:
        counts = Counter([draft.room for draft in drafts])
        last = {room: self._advance(room, count) - count for room, count in counts.items()}
        receipts = []
        values: list[int | str] = []
        for draft in drafts:
            seq = last[draft.room] = last[draft.room] + 1
            receipts.append(Receipt(draft.room, seq, at, fresh=True))
            values += (draft.room, seq, draft.author, at, draft.nonce, draft.text, draft.reply)
        self._insert_messages(values)
        self._note_mentions(drafts, receipts)
        return receipts

    def _advance(self, room: int, count: int) -> int:
        """Take the next `count` numbers of `room`; return the last of them."""
        last: int = self._db.execute(
            "UPDATE room SET last_seq = last_seq + ? WHERE id = ? RETURNING last_seq",
            (count, room),
        ).get
        return last

    def _insert_messages(self, values: Sequence[int | str]) -> None:
        """Insert rows given as one long list, many with each statement.

        Each step of a statement gives the interpreter's lock away and waits to
        get it back from a busy event loop, so a round must not take a step a row.
        """
        for start in range(0, len(values), _COLUMNS * _ROWS_AT_ONCE):
            part = values[start : start + _COLUMNS * _ROWS_AT_ONCE]
            rows = ", ".join([_ROW] * (len(part) // _COLUMNS))
            self._db.execute(f"{_INSERT_MESSAGES} VALUES {rows}", part)

    def _append_once(self, draft: Draft, at: int) -> Receipt:
        known = self._receipt(draft.author, draft.nonce)
        return known or self._append_in_order([draft], at)[0]

    def _receipt(self, author: int, nonce: str) -> Receipt | None:
        row = self._db.execute(
            "SELECT room, seq, at, false FROM message WHERE author = ? AND nonce = ?",
            (author, nonce),
        ).fetchone()
        return row and Receipt(*row)

    def _messages(self, which: str, room: int, bound: int, limit: int) -> list[MessageRecord]:
        rows = self._db.execute(f"{_MESSAGES} AND {which} LIMIT ?", (room, bound, limit))
        return [MessageRecord(*row) for row in rows]

    def _insert_named(self, sql: str, values: tuple[str | int, ...]) -> int:
        row = self._db.execute(sql, values).fetchone()
        if row is None:
            raise TakenError
        (number,) = row
        return int(number)
