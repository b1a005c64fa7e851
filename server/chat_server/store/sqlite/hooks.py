"""Hooks, in SQLite."""

from collections.abc import Collection
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
from chat_server.store.sqlite.bulk import as_json
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors

_HOOKS: Final = (
    "SELECT hook.id, account, room, account.name, maker.name, hook.created, used FROM hook"
    " JOIN account ON account.id = account JOIN account AS maker ON maker.id = by"
)

# So that nobody gets more space by hooks: while there is a hook, what it has sent counts as its
# maker's, and then it is.
_AMONG: Final = "IN (SELECT value FROM json_each(?))"
_MOVE_FILES: Final = (
    "UPDATE file SET account = hook.by FROM hook"  # noqa: S608 - constants, as below
    " WHERE hook.account = file.account AND hook.room = file.room"  # where an index leads
    f" AND hook.id {_AMONG}"
)
_ADD_USAGE: Final = (
    "INSERT INTO file_usage (account, bytes) SELECT hook.by, sum(bytes) FROM hook"  # noqa: S608
    f" JOIN file_usage ON file_usage.account = hook.account WHERE hook.id {_AMONG} GROUP BY hook.by"
    " ON CONFLICT (account) DO UPDATE SET bytes = file_usage.bytes + excluded.bytes"
)
_ACCOUNTS: Final = f"IN (SELECT account FROM hook WHERE id {_AMONG})"  # noqa: S608
_REMOVE_USAGE: Final = f"DELETE FROM file_usage WHERE account {_ACCOUNTS}"  # noqa: S608
_REMOVE_ACCOUNTS: Final = f"UPDATE account SET removed = ? WHERE id {_ACCOUNTS}"  # noqa: S608
_REMOVE: Final = f"DELETE FROM hook WHERE id {_AMONG}"  # noqa: S608


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
        _remove(self._db, [id], entry.at)
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
    _remove(db, [hook.id for hook in read_hooks(db, "WHERE room = ?", room)], at)


def _remove(db: apsw.Connection, ids: Collection[int], at: int) -> None:
    """Remove hooks. What they have sent is their makers'."""
    if not ids:  # as most rooms have none, and files are looked for one by one
        return
    hooks = as_json(ids)
    for statement in (_MOVE_FILES, _ADD_USAGE, _REMOVE_USAGE):
        db.execute(statement, (hooks,))
    db.execute(_REMOVE_ACCOUNTS, (at, hooks))
    db.execute(_REMOVE, (hooks,))


def _entry(db: apsw.Connection, draft: AuditDraft) -> AuditRecord:
    id = insert_entry(db, draft)
    return read_entries(db, draft.room, id + 1, 1)[0]
