"""Edits, deletions and reactions, in SQLite."""

from collections.abc import Collection
from typing import Final

import apsw
import msgspec

from chat_server.store.api import (
    AuditDraft,
    AuditRecord,
    Draft,
    ReactionRecord,
    Receipt,
    TargetRecord,
)
from chat_server.store.sqlite.audit import insert_entry, read_entries
from chat_server.store.sqlite.bulk import as_json
from chat_server.store.sqlite.files import remove_files
from chat_server.store.sqlite.guard import Subject, raises_store_errors
from chat_server.store.sqlite.rooms import last_of_rooms, set_last_of_rooms
from chat_shared.limits import MAX_EMOJIS
from chat_shared.reactions import reaction_key

# A message that can be changed: still kept, no change itself, and not deleted.
_OPEN: Final = "room = ? AND seq = ? AND change = '' AND deleted IS NULL"

# One statement for a page: with one more for each emoji, an account that puts twenty
# under every message makes every page cost six times as much.
_REACTIONS: Final = (
    "SELECT seq, emoji, count(*), max(account = ?1), (SELECT json_group_array(name) FROM"
    " (SELECT name FROM reaction AS one JOIN account ON account.id = one.account"
    " WHERE one.room = reaction.room AND one.seq = reaction.seq AND one.emoji = reaction.emoji"
    " ORDER BY one.id LIMIT ?4)) FROM reaction WHERE room = ?2"
    " AND seq IN (SELECT value FROM json_each(?3)) GROUP BY seq, emoji ORDER BY seq, min(id)"
)
_names_of: Final = msgspec.json.Decoder(list[str]).decode


class SqliteChanges(Subject):
    @raises_store_errors
    def target(self, room: int, seq: int) -> TargetRecord | None:
        row = self._db.execute(
            "SELECT author, change, deleted IS NOT NULL FROM message WHERE room = ? AND seq = ?",
            (room, seq),
        ).fetchone()
        if row is None:
            return None
        author, change, deleted = row
        return TargetRecord(author, change, bool(deleted), _emojis(self._db, room, seq))

    @raises_store_errors
    def reactions(
        self, room: int, seqs: Collection[int], account: int, names: int
    ) -> dict[int, list[ReactionRecord]]:
        found: dict[int, list[ReactionRecord]] = {}
        values = (account, room, as_json([*seqs]), names)
        for seq, emoji, count, mine, first in self._db.execute(_REACTIONS, values):
            record = ReactionRecord(emoji, count, _names_of(first), bool(mine))
            found.setdefault(seq, []).append(record)
        return found


def append_change(db: apsw.Connection, draft: Draft, at: int) -> Receipt:
    """Append a change that is fresh, with its effect; it is `late` if it has none."""
    last, last_at = last_of_rooms(db, [draft.room])[draft.room]
    seq, time = last + 1, max(last_at, at)
    set_last_of_rooms(db, {draft.room: (seq, time)})
    emoji = _spelling(db, draft) if draft.change == "react" else ""
    draft = msgspec.structs.replace(draft, text=emoji or draft.text)
    effective = _apply(db, draft, time)
    deletes = effective and draft.change == "delete"
    audit = _record_deletion(db, draft, at) if deletes else None
    db.execute(
        "INSERT INTO message (room, seq, author, at, nonce, text, change, of, off, clock)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(draft.room, seq, draft.author, time, draft.nonce, emoji),
            *(draft.change, draft.of if effective else 0, draft.off),
            None if time == at else at,
        ),
    )
    return Receipt(
        *(draft.room, seq, time), fresh=True, late=not effective, emoji=emoji, audit=audit
    )


def _apply(db: apsw.Connection, draft: Draft, at: int) -> bool:
    """Make the change; return whether its message could still be changed."""
    match draft.change:
        case "edit":
            return _edit(db, draft, at)
        case "delete":
            return _delete(db, draft, at)
        case _:
            return _react(db, draft)


def _edit(db: apsw.Connection, draft: Draft, at: int) -> bool:
    db.execute(
        f"UPDATE message SET text = ?, edited = ? WHERE {_OPEN}",  # noqa: S608 - a constant
        (draft.text, at, draft.room, draft.of),
    )
    return bool(db.changes())


def _delete(db: apsw.Connection, draft: Draft, at: int) -> bool:
    where = (draft.room, draft.of)
    db.execute(
        f"UPDATE message SET text = '', files = 0, deleted = ? WHERE {_OPEN}",  # noqa: S608 - too
        (at, *where),
    )
    if not db.changes():
        return False
    db.execute("DELETE FROM reaction WHERE room = ? AND seq = ?", where)
    db.execute(
        "DELETE FROM mention WHERE message = (SELECT id FROM message WHERE room = ? AND seq = ?)",
        where,
    )
    remove_files(db, "room = ? AND seq = ?", *where)
    return True


def _record_deletion(db: apsw.Connection, draft: Draft, at: int) -> AuditRecord | None:
    """Add an audit entry for the deletion of a message by someone other than its author."""
    author_of = "SELECT author FROM message WHERE room = ? AND seq = ?"
    author = db.execute(author_of, (draft.room, draft.of)).get
    if author == draft.author:
        return None
    number = insert_entry(db, AuditDraft(draft.room, draft.author, "delete", at, author))
    return read_entries(db, draft.room, number + 1, 1)[0]


def _react(db: apsw.Connection, draft: Draft) -> bool:
    where = (draft.room, draft.of)
    is_open = f"SELECT 1 FROM message WHERE {_OPEN}"  # noqa: S608 - a constant
    if db.execute(is_open, where).get is None:
        return False
    row = (*where, draft.text, draft.author)
    if draft.off:
        db.execute(
            "DELETE FROM reaction WHERE room = ? AND seq = ? AND emoji = ? AND account = ?", row
        )
        return True
    emojis = _emojis(db, *where)
    if draft.text not in emojis and len(emojis) >= MAX_EMOJIS:
        return False
    db.execute(
        "INSERT OR IGNORE INTO reaction (room, seq, emoji, account) VALUES (?, ?, ?, ?)", row
    )
    return True


def _spelling(db: apsw.Connection, draft: Draft) -> str:
    """Return the emoji of a reaction as its message has it already, if it does."""
    known = _emojis(db, draft.room, draft.of)
    if draft.text in known:
        return draft.text
    key = reaction_key(draft.text)
    return next((emoji for emoji in sorted(known) if reaction_key(emoji) == key), draft.text)


def _emojis(db: apsw.Connection, room: int, seq: int) -> frozenset[str]:
    found = "SELECT DISTINCT emoji FROM reaction WHERE room = ? AND seq = ?"
    return frozenset(emoji for (emoji,) in db.execute(found, (room, seq)))
