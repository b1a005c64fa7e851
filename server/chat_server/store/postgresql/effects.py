"""What changes do to their messages, in PostgreSQL: read for all, decided here, written for all.

One after the other they would be seven round trips each. The decisions are those of
`sqlite.changes`; the rooms are locked meanwhile.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from chat_server.store.api import AuditDraft, AuditRecord, Draft, Receipt, StoreError
from chat_server.store.postgresql.audit import insert_entry, read_entries
from chat_server.store.postgresql.files import remove_files
from chat_server.store.postgresql.queries import Database, change, columns, rows
from chat_shared.limits import MAX_EMOJIS
from chat_shared.reactions import reaction_key

_Place: TypeAlias = tuple[int, int]  # room and seq of a message
_Reaction: TypeAlias = tuple[int, int, str, int]  # room, seq, emoji, account

# Locks the rooms in the order of their ids, as `messages` does.
_TAKE_SEQS: Final = (
    "WITH locked AS MATERIALIZED (SELECT id FROM room WHERE id = ANY(%(rooms)s::bigint[])"
    " ORDER BY id FOR NO KEY UPDATE)"
    " UPDATE room SET last_seq = last_seq + number, last_at = greatest(last_at, %(at)s)"
    " FROM unnest(%(rooms)s::bigint[], %(counts)s::bigint[]) AS counted (room, number)"
    " JOIN locked ON locked.id = counted.room WHERE room.id = locked.id"
    " RETURNING room.id, last_seq - number, last_at"
)
# Messages that can be changed: still kept, no changes themselves, and not deleted.
_TARGETS: Final = (
    "SELECT room, seq, author FROM message JOIN unnest(%s::bigint[], %s::bigint[])"
    " AS place (room, seq) USING (room, seq) WHERE change = '' AND deleted IS NULL"
)
_REACTIONS: Final = (
    "SELECT room, seq, emoji, count(*), array_agg(account) FILTER (WHERE account = ANY(%s))"
    " FROM reaction JOIN unnest(%s::bigint[], %s::bigint[]) AS place (room, seq) USING (room, seq)"
    " GROUP BY room, seq, emoji"
)
_EDIT: Final = (
    "UPDATE message SET text = new.text, edited = new.edited"
    " FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[])"
    " AS new (room, seq, text, edited) WHERE message.room = new.room AND message.seq = new.seq"
)
_DELETE: Final = (
    "UPDATE message SET text = '', files = 0, deleted = new.deleted"
    " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS new (room, seq, deleted)"
    " WHERE message.room = new.room AND message.seq = new.seq"
)
_DELETE_REACTIONS: Final = (
    "DELETE FROM reaction USING unnest(%s::bigint[], %s::bigint[]) AS gone (room, seq)"
    " WHERE reaction.room = gone.room AND reaction.seq = gone.seq"
)
_DELETE_MENTIONS: Final = (
    "DELETE FROM mention USING message JOIN unnest(%s::bigint[], %s::bigint[])"
    " AS gone (room, seq) USING (room, seq) WHERE mention.message = message.id"
)
_FILES: Final = (
    "(room, seq) IN (SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS gone (room, seq))"
)
_REMOVE: Final = (
    "DELETE FROM reaction USING unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[])"
    " AS gone (room, seq, emoji, account) WHERE reaction.room = gone.room"
    " AND reaction.seq = gone.seq AND reaction.emoji = gone.emoji"
    " AND reaction.account = gone.account"
)
_ADD: Final = (
    "INSERT INTO reaction (room, seq, emoji, account) SELECT room, seq, emoji, account"
    " FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[])"
    " WITH ORDINALITY AS new (room, seq, emoji, account, place) ORDER BY place"
)
_INSERT: Final = (
    "INSERT INTO message (room, seq, author, at, nonce, text, change, of, off, clock)"
    " SELECT room, seq, author, at, nonce, text, change, of, off, nullif(%s, at)"
    " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[],"
    " %s::text[], %s::bigint[], %s::bigint[])"
    " WITH ORDINALITY AS new (room, seq, author, at, nonce, text, change, of, off, place)"
    " ORDER BY place"
)


@dataclass(slots=True)
class _Emoji:
    """An emoji of a message: whose reactions it is, as far as that matters here."""

    accounts: set[int]  # of those who react now
    others: int = 0


@dataclass(slots=True)
class _Target:
    """A message that can be changed."""

    author: int
    emojis: dict[str, _Emoji] = field(default_factory=dict)


@dataclass(slots=True)
class _Effects:
    """What must be written."""

    edited: dict[_Place, tuple[str, int]] = field(default_factory=dict)
    deleted: dict[_Place, int] = field(default_factory=dict)
    removed: set[_Reaction] = field(default_factory=set)  # of those that were stored
    added: dict[_Reaction, None] = field(default_factory=dict)  # in this order

    def write(self, db: Database) -> None:
        edited = [(*place, *new) for place, new in self.edited.items()]
        deleted = [(*place, at) for place, at in self.deleted.items()]
        places = [*self.deleted]
        for statement, table, number in (
            (_EDIT, edited, 4),
            (_DELETE, deleted, 3),
            (_DELETE_REACTIONS, places, 2),
            (_DELETE_MENTIONS, places, 2),
            (_REMOVE, [*self.removed], 4),
            (_ADD, [*self.added], 4),
        ):
            if table:
                change(db, statement, columns(table, number))
        if places:
            remove_files(db, _FILES, *columns(places, 2))


def append_changes(db: Database, drafts: Sequence[Draft], at: int) -> list[Receipt]:
    """Append changes that are all fresh, with their effects; those without one are `late`."""
    taken = _take_seqs(db, drafts, at)
    targets = _read_targets(db, drafts)
    effects = _Effects()
    receipts: list[Receipt] = []
    for draft in drafts:
        seq, time = taken[draft.room][0] + 1, taken[draft.room][1]
        taken[draft.room] = seq, time
        target = targets.get((draft.room, draft.of))
        emoji = _spelling(target, draft.text) if draft.change == "react" else ""
        effective = target is not None and _apply(effects, target, draft, emoji, time)
        audit = None
        if effective and draft.change == "delete" and target is not None:
            del targets[draft.room, draft.of]
            audit = _record_deletion(db, draft, target.author, at)
        receipts.append(
            Receipt(
                *(draft.room, seq, time), fresh=True, late=not effective, emoji=emoji, audit=audit
            )
        )
    effects.write(db)
    table = [
        (
            *(draft.room, receipt.seq, draft.author, receipt.at, draft.nonce, receipt.emoji),
            *(draft.change, 0 if receipt.late else draft.of, int(draft.off)),
        )
        for draft, receipt in zip(drafts, receipts, strict=True)
    ]
    change(db, _INSERT, (at, *columns(table, 9)))
    return receipts


def _take_seqs(db: Database, drafts: Sequence[Draft], at: int) -> dict[int, _Place]:
    """Take seqs for `drafts`; return the last one before them, and their time, by room."""
    counts = Counter(draft.room for draft in drafts)
    values = {"rooms": [*counts], "counts": [*counts.values()], "at": at}
    found = rows(db, _TAKE_SEQS, values)
    if len(found) < len(counts):
        raise StoreError("append: a room does not exist")
    return {room: (before, time) for room, before, time in found}


def _read_targets(db: Database, drafts: Sequence[Draft]) -> dict[_Place, _Target]:
    """Return the messages that `drafts` are about and that can be changed."""
    places = columns(sorted({(draft.room, draft.of) for draft in drafts}), 2)
    targets = {(room, seq): _Target(author) for room, seq, author in rows(db, _TARGETS, places)}
    reacted = sorted(
        {(draft.room, draft.of) for draft in drafts if draft.change == "react"} & targets.keys()
    )
    if reacted:
        accounts = sorted({draft.author for draft in drafts})
        values = (accounts, *columns(reacted, 2))
        for room, seq, emoji, count, mine in rows(db, _REACTIONS, values):
            own = set(mine or ())
            targets[room, seq].emojis[emoji] = _Emoji(own, count - len(own))
    return targets


def _spelling(target: _Target | None, text: str) -> str:
    """Return the emoji of a reaction as its message has it already, if it does."""
    known = target.emojis if target else {}
    if text in known:
        return text
    key = reaction_key(text)
    return next((emoji for emoji in sorted(known) if reaction_key(emoji) == key), text)


def _apply(effects: _Effects, target: _Target, draft: Draft, emoji: str, at: int) -> bool:
    """Make the change to a message that can be changed; return whether it has an effect."""
    place = draft.room, draft.of
    match draft.change:
        case "edit":
            effects.edited[place] = draft.text, at
        case "delete":
            effects.deleted[place] = at
            effects.added = {new: None for new in effects.added if new[:2] != place}
        case _ if draft.off:
            _remove(effects, target, (*place, emoji, draft.author))
        case _:
            return _add(effects, target, (*place, emoji, draft.author))
    return True


def _remove(effects: _Effects, target: _Target, reaction: _Reaction) -> None:
    *_, emoji, account = reaction
    known = target.emojis.get(emoji)
    if known is None or account not in known.accounts:
        return
    known.accounts.remove(account)
    if not (known.accounts or known.others):
        del target.emojis[emoji]
    if reaction in effects.added:
        del effects.added[reaction]
    else:
        effects.removed.add(reaction)


def _add(effects: _Effects, target: _Target, reaction: _Reaction) -> bool:
    *_, emoji, account = reaction
    if emoji not in target.emojis and len(target.emojis) >= MAX_EMOJIS:
        return False
    known = target.emojis.setdefault(emoji, _Emoji(set()))
    if account not in known.accounts:
        known.accounts.add(account)
        effects.added[reaction] = None
    return True


def _record_deletion(db: Database, draft: Draft, author: int, at: int) -> AuditRecord | None:
    """Add an audit entry for the deletion of a message by someone other than its author."""
    if author == draft.author:
        return None
    number = insert_entry(db, AuditDraft(draft.room, draft.author, "delete", at, author))
    return read_entries(db, draft.room, number + 1, 1)[0]
