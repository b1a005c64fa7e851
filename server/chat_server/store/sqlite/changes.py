"""What is done to messages: edits, deletions and reactions, and what they leave behind.

What each method promises stands at `Store`.
"""

from collections.abc import Collection

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
from chat_server.store.sqlite.guard import raises_store_errors
from chat_server.store.sqlite.moderation import note, read_acts
from chat_shared.limits import MAX_EMOJIS

# A message that can be changed: one that is kept, is none itself, and was not deleted.
_OPEN = "room = ? AND seq = ? AND change = '' AND deleted IS NULL"

# One statement for a page: with one more for each emoji, somebody who puts twenty under
# everything makes every page cost six times as much.
_REACTIONS = (
    "SELECT seq, emoji, count(*), max(account = ?1), (SELECT json_group_array(name) FROM"
    " (SELECT name FROM reaction AS one JOIN account ON account.id = one.account"
    " WHERE one.room = reaction.room AND one.seq = reaction.seq AND one.emoji = reaction.emoji"
    " ORDER BY one.id LIMIT ?4)) FROM reaction WHERE room = ?2"
    " AND seq IN (SELECT value FROM json_each(?3)) GROUP BY seq, emoji ORDER BY seq, min(id)"
)
_names_of = msgspec.json.Decoder(list[str]).decode


class SqliteChanges:
    """The part of `SqliteStore` that changes what was said."""

    _db: apsw.Connection

    @raises_store_errors
    def target(self, room: int, seq: int) -> TargetRecord | None:
        row = self._db.execute(
            "SELECT author, change, deleted IS NOT NULL FROM message WHERE room = ? AND seq = ?",
            (room, seq),
        ).fetchone()
        if row is None:
            return None
        author, change, deleted = row
        return TargetRecord(author, change, bool(deleted), self._emojis(room, seq))

    @raises_store_errors
    def reactions(
        self, room: int, seqs: Collection[int], account: int, names: int
    ) -> dict[int, list[ReactionRecord]]:
        found: dict[int, list[ReactionRecord]] = {}
        values = (account, room, as_json(seqs), names)
        for seq, emoji, count, mine, first in self._db.execute(_REACTIONS, values):
            record = ReactionRecord(emoji, count, _names_of(first), bool(mine))
            found.setdefault(seq, []).append(record)
        return found

    # --- parts of transactions

    def _append_change(self, draft: Draft, at: int) -> Receipt:
        effective = self._take_effect(draft, at)
        deletes = effective and draft.change == "delete"
        act = self._note_deletion(draft, at) if deletes else None
        seq: int = self._db.execute(
            "UPDATE room SET last_seq = last_seq + 1 WHERE id = ? RETURNING last_seq",
            (draft.room,),
        ).get
        text = draft.text if draft.change == "react" else ""
        self._db.execute(
            "INSERT INTO message (room, seq, author, at, nonce, text, change, of, off)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(draft.room, seq, draft.author, at, draft.nonce, text),
                *(draft.change, draft.of if effective else 0, draft.off),
            ),
        )
        return Receipt(draft.room, seq, at, fresh=True, late=not effective, audit=act)

    def _take_effect(self, draft: Draft, at: int) -> bool:
        """Do what `draft` says; say whether it could be done still."""
        match draft.change:
            case "edit":
                return self._edit(draft, at)
            case "delete":
                return self._delete(draft, at)
            case _:
                return self._react(draft)

    def _edit(self, draft: Draft, at: int) -> bool:
        self._db.execute(
            f"UPDATE message SET text = ?, edited = ? WHERE {_OPEN}",  # noqa: S608 - a constant
            (draft.text, at, draft.room, draft.of),
        )
        return bool(self._db.changes())

    def _delete(self, draft: Draft, at: int) -> bool:
        where = (draft.room, draft.of)
        self._db.execute(
            f"UPDATE message SET text = '', deleted = ? WHERE {_OPEN}",  # noqa: S608 - a constant
            (at, *where),
        )
        if not self._db.changes():
            return False
        self._db.execute("DELETE FROM reaction WHERE room = ? AND seq = ?", where)
        self._db.execute(
            "DELETE FROM mention WHERE message ="
            " (SELECT id FROM message WHERE room = ? AND seq = ?)",
            where,
        )
        return True

    def _note_deletion(self, draft: Draft, at: int) -> AuditRecord | None:
        """Write down whose message `draft` has deleted; what is one's own is nobody's affair."""
        its_author = "SELECT author FROM message WHERE room = ? AND seq = ?"
        whom = self._db.execute(its_author, (draft.room, draft.of)).get
        if whom == draft.author:
            return None
        number = note(self._db, AuditDraft(draft.room, draft.author, "delete", at, whom))
        return read_acts(self._db, draft.room, number + 1, 1)[0]

    def _react(self, draft: Draft) -> bool:
        where = (draft.room, draft.of)
        is_open = f"SELECT 1 FROM message WHERE {_OPEN}"  # noqa: S608 - a constant
        if self._db.execute(is_open, where).get is None:
            return False
        row = (*where, draft.text, draft.author)
        if draft.off:
            self._db.execute(
                "DELETE FROM reaction WHERE room = ? AND seq = ? AND emoji = ? AND account = ?", row
            )
            return True
        emojis = self._emojis(*where)
        if draft.text not in emojis and len(emojis) >= MAX_EMOJIS:
            return False
        self._db.execute(
            "INSERT OR IGNORE INTO reaction (room, seq, emoji, account) VALUES (?, ?, ?, ?)", row
        )
        return True

    def _emojis(self, room: int, seq: int) -> frozenset[str]:
        under = "SELECT DISTINCT emoji FROM reaction WHERE room = ? AND seq = ?"
        return frozenset(emoji for (emoji,) in self._db.execute(under, (room, seq)))


def as_json(numbers: Collection[int]) -> str:
    """Return `numbers` as `json_each` takes them, so that any number of them is one statement."""
    return f"[{','.join(map(str, numbers))}]"
