"""Hooks, in SQLite."""

from dataclasses import replace
from typing import Final

import apsw

from chat_server.store.api import (
    AuditDraft,
    AuditRecord,
    FullError,
    GoneError,
    HookRecord,
    TakenError,
)
from chat_server.store.sqlite.audit import insert_entry, read_entries
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors

_HOOKS: Final = (
    "SELECT hook.id, account, room, account.name, maker.name, hook.created, used FROM hook"
    " JOIN account ON account.id = account JOIN account AS maker ON maker.id = by"
)


class SqliteHooks(Subject):
    @one_transaction
    def add_hook(
        self, entry: AuditDraft, name: str, digest: bytes, limit: int
    ) -> tuple[HookRecord, AuditRecord]:
        names = [hook.name for hook in read_hooks(self._db, "WHERE room = ?", entry.room)]
        if name in names:
            raise TakenError
        if len(names) >= limit:
            raise FullError
        # The key is no name that anyone could look up.
        account: int = self._db.execute(
            "INSERT INTO account (key, name, password, created) VALUES (?, ?, '', ?) RETURNING id",
            (f"{name} {digest.hex()}", name, entry.at),
        ).get
        hook: int = self._db.execute(
            "INSERT INTO hook (account, room, digest, by, created) VALUES (?, ?, ?, ?, ?)"
            " RETURNING id",
            (account, entry.room, digest, entry.by, entry.at),
        ).get
        record = _entry(self._db, replace(entry, target=account))
        return read_hooks(self._db, "WHERE hook.id = ?", hook)[0], record

    @raises_store_errors
    def hooks(self, room: int) -> list[HookRecord]:
        return read_hooks(self._db, "WHERE room = ? ORDER BY hook.id", room)

    @one_transaction
    def remove_hook(self, entry: AuditDraft, id: int) -> tuple[HookRecord, AuditRecord]:
        found = read_hooks(self._db, "WHERE hook.id = ? AND room = ?", id, entry.room)
        if not found:
            raise GoneError
        (hook,) = found
        self._db.execute("DELETE FROM hook WHERE id = ?", (id,))
        self._db.execute("UPDATE account SET removed = ? WHERE id = ?", (entry.at, hook.account))
        return hook, _entry(self._db, replace(entry, target=hook.account))

    @raises_store_errors
    def hook_room(self, digest: bytes) -> int | None:
        room: int | None = self._db.execute("SELECT room FROM hook WHERE digest = ?", (digest,)).get
        return room

    @one_transaction
    def open_hook(self, digest: bytes, at: int) -> HookRecord | None:
        self._db.execute("UPDATE hook SET used = ? WHERE digest = ?", (at, digest))
        return next(iter(read_hooks(self._db, "WHERE digest = ?", digest)), None)


def read_hooks(db: apsw.Connection, which: str, *values: int | bytes) -> list[HookRecord]:
    """Return the hooks that the SQL clause `which` selects."""
    return [HookRecord(*row) for row in db.execute(f"{_HOOKS} {which}", values)]


def remove_hooks_of(db: apsw.Connection, room: int, at: int) -> None:
    """Remove the hooks of a room that is removed."""
    ended = "UPDATE account SET removed = ? WHERE id IN (SELECT account FROM hook WHERE room = ?)"
    db.execute(ended, (at, room))
    db.execute("DELETE FROM hook WHERE room = ?", (room,))


def _entry(db: apsw.Connection, draft: AuditDraft) -> AuditRecord:
    id = insert_entry(db, draft)
    return read_entries(db, draft.room, id + 1, 1)[0]
