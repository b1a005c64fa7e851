"""Hooks, in PostgreSQL."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from chat_server.store.api import (
    AuditDraft,
    AuditRecord,
    FullError,
    GoneError,
    HookRecord,
    TakenError,
)
from chat_server.store.postgresql.audit import insert_entry, read_entries
from chat_server.store.postgresql.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.postgresql.queries import Database, change, rows, value

_HOOKS: Final = (
    "SELECT hook.id, account, room, account.name, maker.name, hook.created, used FROM hook"
    " JOIN account ON account.id = account JOIN account AS maker ON maker.id = by"
)

# So that nobody gets more space by hooks: while there is a hook, what it has sent counts as its
# maker's, and then it is.
_MOVE_FILES: Final = (
    "UPDATE file SET account = hook.by FROM hook"
    " WHERE hook.account = file.account AND hook.room = file.room"  # where an index leads
    " AND hook.id = ANY(%s)"
)
_ADD_USAGE: Final = (
    "INSERT INTO file_usage (account, bytes) SELECT hook.by, sum(bytes) FROM hook"
    " JOIN file_usage ON file_usage.account = hook.account WHERE hook.id = ANY(%s) GROUP BY hook.by"
    " ON CONFLICT (account) DO UPDATE SET bytes = file_usage.bytes + excluded.bytes"
)
_REMOVE_USAGE: Final = (
    "DELETE FROM file_usage WHERE account IN (SELECT account FROM hook WHERE id = ANY(%s))"
)
_REMOVE_ACCOUNTS: Final = (
    "UPDATE account SET removed = %s WHERE id IN (SELECT account FROM hook WHERE id = ANY(%s))"
)
_REMOVE: Final = "DELETE FROM hook WHERE id = ANY(%s)"


class PostgresqlHooks(Subject):
    @one_transaction
    def add_hook(
        self, entry: AuditDraft, name: str, digest: bytes, limit: int
    ) -> tuple[HookRecord, AuditRecord]:
        names = [hook.name for hook in read_hooks(self._db, "WHERE room = %s", entry.room)]
        if name in names:
            raise TakenError
        if len(names) >= limit:
            raise FullError
        # The key is no name that anyone could look up.
        account: int = value(
            self._db,
            "INSERT INTO account (key, name, password, created)"
            " VALUES (%s, %s, '', %s) RETURNING id",
            (f"{name} {digest.hex()}", name, entry.at),
        )
        hook: int = value(
            self._db,
            "INSERT INTO hook (account, room, digest, by, created) VALUES (%s, %s, %s, %s, %s)"
            " RETURNING id",
            (account, entry.room, digest, entry.by, entry.at),
        )
        record = _entry(self._db, replace(entry, target=account))
        return read_hooks(self._db, "WHERE hook.id = %s", hook)[0], record

    @raises_store_errors
    def hooks(self, room: int) -> list[HookRecord]:
        return read_hooks(self._db, "WHERE room = %s ORDER BY hook.id", room)

    @one_transaction
    def remove_hook(self, entry: AuditDraft, id: int) -> tuple[HookRecord, AuditRecord]:
        found = read_hooks(self._db, "WHERE hook.id = %s AND room = %s", id, entry.room)
        if not found:
            raise GoneError
        (hook,) = found
        _remove(self._db, [id], entry.at)
        return hook, _entry(self._db, replace(entry, target=hook.account))

    @raises_store_errors
    def hook_room(self, digest: bytes) -> int | None:
        room: int | None = value(self._db, "SELECT room FROM hook WHERE digest = %s", (digest,))
        return room

    @one_transaction
    def open_hook(self, digest: bytes, at: int) -> HookRecord | None:
        change(self._db, "UPDATE hook SET used = %s WHERE digest = %s", (at, digest))
        return next(iter(read_hooks(self._db, "WHERE digest = %s", digest)), None)


def read_hooks(db: Database, which: str, *values: int | bytes) -> list[HookRecord]:
    """Return the hooks that the SQL clause `which` selects."""
    return [HookRecord(*row) for row in rows(db, f"{_HOOKS} {which}", values)]


def remove_hooks_of(db: Database, room: int, at: int) -> None:
    """Remove the hooks of a room that is removed."""
    _remove(db, [hook.id for hook in read_hooks(db, "WHERE room = %s", room)], at)


def _remove(db: Database, ids: Collection[int], at: int) -> None:
    """Remove hooks. What they have sent is their makers'."""
    if not ids:  # as most rooms have none, and files are looked for one by one
        return
    hooks = [*ids]
    for statement in (_MOVE_FILES, _ADD_USAGE, _REMOVE_USAGE):
        change(db, statement, (hooks,))
    change(db, _REMOVE_ACCOUNTS, (at, hooks))
    change(db, _REMOVE, (hooks,))


def _entry(db: Database, draft: AuditDraft) -> AuditRecord:
    id = insert_entry(db, draft)
    return read_entries(db, draft.room, id + 1, 1)[0]
