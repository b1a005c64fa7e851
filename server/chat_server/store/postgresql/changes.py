"""Edits, deletions and reactions, in PostgreSQL."""

from collections.abc import Collection
from typing import Final

import msgspec

from chat_server.store.api import (
    AuditDraft,
    AuditRecord,
    Draft,
    ReactionRecord,
    Receipt,
    StoreError,
    TargetRecord,
)
from chat_server.store.postgresql.audit import insert_entry, read_entries
from chat_server.store.postgresql.guard import Subject, raises_store_errors
from chat_server.store.postgresql.queries import Database, change, first, rows, value, values_of
from chat_server.store.postgresql.rooms import take_seqs
from chat_shared.limits import MAX_EMOJIS
from chat_shared.reactions import reaction_key

# A message that can be changed: still kept, no change itself, and not deleted.
_OPEN: Final = "room = %s AND seq = %s AND change = '' AND deleted IS NULL"

# One statement for a page: with one more for each emoji, an account that puts twenty
# under every message makes every page cost six times as much.
_REACTIONS: Final = (
    "SELECT seq, emoji, count(*), ARRAY(SELECT name"
    " FROM reaction AS one JOIN account ON account.id = one.account"
    " WHERE one.room = reaction.room AND one.seq = reaction.seq AND one.emoji = reaction.emoji"
    " ORDER BY one.id LIMIT %s), bool_or(account = %s) FROM reaction WHERE room = %s"
    " AND seq = ANY(%s::bigint[]) GROUP BY room, seq, emoji ORDER BY seq, min(id)"
)


class PostgresqlChanges(Subject):
    @raises_store_errors
    def target(self, room: int, seq: int) -> TargetRecord | None:
        row = first(
            self._db,
            "SELECT author, change, deleted IS NOT NULL FROM message WHERE room = %s AND seq = %s",
            (room, seq),
        )
        if row is None:
            return None
        author, kind, deleted = row
        return TargetRecord(author, kind, deleted, _emojis(self._db, room, seq))

    @raises_store_errors
    def reactions(
        self, room: int, seqs: Collection[int], account: int, names: int
    ) -> dict[int, list[ReactionRecord]]:
        found: dict[int, list[ReactionRecord]] = {}
        for seq, *reaction in rows(self._db, _REACTIONS, (names, account, room, [*seqs])):
            found.setdefault(seq, []).append(ReactionRecord(*reaction))
        return found


def append_change(db: Database, draft: Draft, at: int) -> Receipt:
    """Append a change that is fresh, with its effect; it is `late` if it has none."""
    taken = take_seqs(db, draft.room, 1, at)
    if taken is None:
        raise StoreError("append: the room does not exist")
    seq, time = taken
    emoji = _spelling(db, draft) if draft.change == "react" else ""
    draft = msgspec.structs.replace(draft, text=emoji or draft.text)
    effective = _apply(db, draft, time)
    deletes = effective and draft.change == "delete"
    audit = _record_deletion(db, draft, at) if deletes else None
    change(
        db,
        "INSERT INTO message (room, seq, author, at, nonce, text, change, of, off, clock)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            *(draft.room, seq, draft.author, time, draft.nonce, emoji),
            *(draft.change, draft.of if effective else 0, int(draft.off)),
            None if time == at else at,
        ),
    )
    return Receipt(
        *(draft.room, seq, time), fresh=True, late=not effective, emoji=emoji, audit=audit
    )


def _apply(db: Database, draft: Draft, at: int) -> bool:
    """Make the change; return whether its message could still be changed."""
    match draft.change:
        case "edit":
            return _edit(db, draft, at)
        case "delete":
            return _delete(db, draft, at)
        case _:
            return _react(db, draft)


def _edit(db: Database, draft: Draft, at: int) -> bool:
    edited = f"UPDATE message SET text = %s, edited = %s WHERE {_OPEN}"  # noqa: S608 - a constant
    return bool(change(db, edited, (draft.text, at, draft.room, draft.of)))


def _delete(db: Database, draft: Draft, at: int) -> bool:
    where = (draft.room, draft.of)
    deleted = f"UPDATE message SET text = '', deleted = %s WHERE {_OPEN}"  # noqa: S608 - likewise
    if not change(db, deleted, (at, *where)):
        return False
    change(db, "DELETE FROM reaction WHERE room = %s AND seq = %s", where)
    change(
        db,
        "DELETE FROM mention WHERE message = (SELECT id FROM message WHERE room = %s AND seq = %s)",
        where,
    )
    return True


def _record_deletion(db: Database, draft: Draft, at: int) -> AuditRecord | None:
    """Add an audit entry for the deletion of a message by someone other than its author."""
    author_of = "SELECT author FROM message WHERE room = %s AND seq = %s"
    author: int = value(db, author_of, (draft.room, draft.of))
    if author == draft.author:
        return None
    number = insert_entry(db, AuditDraft(draft.room, draft.author, "delete", at, author))
    return read_entries(db, draft.room, number + 1, 1)[0]


def _react(db: Database, draft: Draft) -> bool:
    where = (draft.room, draft.of)
    if value(db, f"SELECT 1 FROM message WHERE {_OPEN}", where) is None:  # noqa: S608 - likewise
        return False
    row = (*where, draft.text, draft.author)
    if draft.off:
        change(
            db,
            "DELETE FROM reaction WHERE room = %s AND seq = %s AND emoji = %s AND account = %s",
            row,
        )
        return True
    emojis = _emojis(db, *where)
    if draft.text not in emojis and len(emojis) >= MAX_EMOJIS:
        return False
    change(
        db,
        "INSERT INTO reaction (room, seq, emoji, account) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        row,
    )
    return True


def _spelling(db: Database, draft: Draft) -> str:
    """Return the emoji of a reaction as its message has it already, if it does."""
    known = _emojis(db, draft.room, draft.of)
    if draft.text in known:
        return draft.text
    key = reaction_key(draft.text)
    return next((emoji for emoji in sorted(known) if reaction_key(emoji) == key), draft.text)


def _emojis(db: Database, room: int, seq: int) -> frozenset[str]:
    found = "SELECT DISTINCT emoji FROM reaction WHERE room = %s AND seq = %s"
    return frozenset(values_of(db, found, (room, seq)))
