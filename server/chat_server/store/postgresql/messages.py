"""Messages, in PostgreSQL. `append` is the write path of the whole server."""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import Final, TypeAlias

from chat_server.store.api import Draft, MessageRecord, Receipt, StoreError
from chat_server.store.postgresql.effects import append_changes
from chat_server.store.postgresql.files import FILES, attach_files, files_of
from chat_server.store.postgresql.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.postgresql.queries import Database, columns, rows, stored_text
from chat_server.store.postgresql.reading import insert_mentions

_Key: TypeAlias = tuple[int, str]  # author and nonce

# Rooms are locked in the order of their ids, so that two that append at once never wait for each
# other in a ring.
_LOCK: Final = "SELECT FROM room WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE"
# Takes the seqs of those drafts alone whose nonce is fresh, so that none is left out.
_INSERT: Final = """
    WITH draft AS (
        SELECT * FROM unnest(
            %(rooms)s::bigint[], %(authors)s::bigint[], %(nonces)s::text[], %(texts)s::text[],
            %(replies)s::bigint[]
        ) WITH ORDINALITY AS d (room, author, nonce, text, reply, place)
    ),
    fresh AS (
        SELECT *, row_number() OVER (PARTITION BY room ORDER BY place) AS number FROM draft
        WHERE NOT EXISTS (
            SELECT FROM message WHERE message.nonce = draft.nonce AND message.author = draft.author
        )
    ),
    locked AS MATERIALIZED (
        SELECT id FROM room WHERE id = ANY(%(rooms)s::bigint[]) ORDER BY id FOR NO KEY UPDATE
    ),
    taken AS (
        UPDATE room SET
            last_seq = last_seq + counted.number, last_at = greatest(last_at, %(at)s)
        FROM (SELECT room, count(*) AS number FROM fresh GROUP BY room) AS counted
        JOIN locked ON locked.id = counted.room
        WHERE room.id = locked.id
        RETURNING room.id, last_seq - counted.number AS before, last_at
    )
    INSERT INTO message (room, seq, author, at, nonce, text, reply, clock)
    SELECT
        id, before + number, author, last_at, nonce, text, reply, nullif(%(at)s, last_at)
    FROM fresh JOIN taken ON taken.id = fresh.room ORDER BY place
    RETURNING author, nonce, room, seq, at
"""
_KNOWN: Final = (
    "SELECT author, nonce, room, seq, at, false, room.name"
    " FROM unnest(%s::bigint[], %s::text[]) AS wanted (author, nonce)"
    " JOIN message USING (author, nonce) JOIN room ON room.id = room"
)

_MESSAGES: Final = (
    "SELECT seq, name,"  # noqa: S608 - constants
    " CASE change WHEN 'edit' THEN coalesce((SELECT text FROM message AS target"
    " WHERE target.room = message.room AND target.seq = message.of), '') ELSE text END,"
    " at, nonce, reply, edited, deleted IS NOT NULL, change, of, off <> 0,"
    " CASE WHEN deleted IS NULL AND (edited IS NOT NULL OR strpos(text, '@') > 0) THEN"
    " ARRAY(SELECT named.name FROM mention JOIN account AS named ON named.id = mention.account"
    " WHERE mention.message = message.id) END, guest_until IS NOT NULL,"
    f" {FILES} FROM message JOIN account ON account.id = author WHERE room = %s"
)


class PostgresqlMessages(Subject):
    @one_transaction
    def append(self, drafts: Sequence[Draft], at: int) -> list[Receipt]:
        return _append_once(self._db, drafts, at)

    @raises_store_errors
    def receipt(self, author: int, nonce: str) -> Receipt | None:
        key = author, stored_text(nonce)
        return _known_receipts(self._db, [key]).get(key)

    @raises_store_errors
    def messages_before(self, room: int, before: int, limit: int) -> list[MessageRecord]:
        which = "AND seq < %s ORDER BY seq DESC LIMIT %s"
        return self._messages(which, room, before, limit)[::-1]

    @raises_store_errors
    def messages_after(self, room: int, after: int, limit: int) -> list[MessageRecord]:
        return self._messages("AND seq > %s ORDER BY seq LIMIT %s", room, after, limit)

    @raises_store_errors
    def messages_at(self, room: int, seqs: Collection[int]) -> list[MessageRecord]:
        return self._messages("AND seq = ANY(%s::bigint[]) ORDER BY seq", room, [*seqs])

    def _messages(self, which: str, room: int, *values: object) -> list[MessageRecord]:
        return [
            MessageRecord(*(*columns, names and sorted(names), guest, files_of(files)))
            for *columns, names, guest, files in rows(
                self._db, f"{_MESSAGES} {which}", (room, *values)
            )
        ]


def _append_once(db: Database, drafts: Sequence[Draft], at: int) -> list[Receipt]:
    """Append those of `drafts` that are fresh, each once; return the receipts of all."""
    first: dict[_Key, Draft] = {}
    for draft in drafts:
        first.setdefault(_key(draft), draft)
    runs = [list(run) for _, run in groupby(first.values(), key=lambda draft: bool(draft.change))]
    if len(runs) > 1:  # one locks its rooms itself, without another round trip
        _lock_rooms(db, first.values())
    fresh: dict[_Key, Receipt] = {}
    for run in runs:
        append = _append_changes if run[0].change else _append_messages
        fresh |= append(db, run, at)
    keys = [_key(draft) for draft in drafts]
    if len(fresh) == len(keys):  # as nearly always
        return [fresh[key] for key in keys]
    repeated = len(first) < len(keys)
    known = _known_receipts(db, [key for key in first if repeated or key not in fresh])
    if len(fresh | known) < len(first):
        raise StoreError("append: a room does not exist")
    return [fresh.pop(key) if key in fresh else known[key] for key in keys]


def _lock_rooms(db: Database, drafts: Iterable[Draft]) -> None:
    """Lock the rooms of `drafts` against other writers until the end of the transaction."""
    rows(db, _LOCK, (sorted({draft.room for draft in drafts}),))


def _append_messages(db: Database, drafts: list[Draft], at: int) -> dict[_Key, Receipt]:
    """Append those of `drafts`, which are no changes, whose nonce is fresh; return the receipts."""
    values = {
        "rooms": [draft.room for draft in drafts],
        "authors": [draft.author for draft in drafts],
        "nonces": [draft.nonce for draft in drafts],
        "texts": [draft.text for draft in drafts],
        "replies": [draft.reply for draft in drafts],
        "at": at,
    }
    inserted = rows(db, _INSERT, values)
    keys = [(author, nonce) for author, nonce, *_ in inserted]
    receipts = [Receipt(room, seq, time, fresh=True) for _, _, room, seq, time in inserted]
    by_key = {_key(draft): draft for draft in drafts}
    fresh = [by_key[key] for key in keys]
    insert_mentions(db, [draft.text for draft in fresh], receipts)
    posted = zip(fresh, receipts, strict=True)
    if with_files := [(draft, receipt.seq) for draft, receipt in posted if draft.files]:
        attach_files(db, with_files)
    return dict(zip(keys, receipts, strict=True))


def _append_changes(db: Database, drafts: list[Draft], at: int) -> dict[_Key, Receipt]:
    """Append those of `drafts`, which are changes, whose nonce is fresh; return the receipts."""
    known = _known_receipts(db, [_key(draft) for draft in drafts])
    fresh = [draft for draft in drafts if _key(draft) not in known]
    receipts = append_changes(db, fresh, at) if fresh else []
    return dict(zip(map(_key, fresh), receipts, strict=True))


def _known_receipts(db: Database, keys: Sequence[_Key]) -> dict[_Key, Receipt]:
    """Return the receipts of those drafts with `keys` that were appended before."""
    found = rows(db, _KNOWN, columns(keys, 2)) if keys else []
    return {(author, nonce): Receipt(*place) for author, nonce, *place in found}


def _key(draft: Draft) -> _Key:
    return draft.author, stored_text(draft.nonce)
