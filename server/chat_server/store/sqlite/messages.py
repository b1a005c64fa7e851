"""Messages, in SQLite. `append` is the write path of the whole server."""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import chain, groupby
from typing import Any, Final, TypeAlias

import apsw
import msgspec

from chat_server.store.api import Draft, MessageRecord, Receipt
from chat_server.store.sqlite.bulk import as_json
from chat_server.store.sqlite.changes import append_change
from chat_server.store.sqlite.files import FILES, attach_files, files_of
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.sqlite.reading import insert_mentions
from chat_server.store.sqlite.rooms import last_of_rooms, set_last_of_rooms

_INSERT: Final = "INSERT INTO message (room, seq, author, at, nonce, text, reply, clock)"
_COLUMNS: Final = 8
_ROW: Final = "(?, ?, ?, ?, ?, ?, ?, ?)"
_MAX_ROWS: Final = 4_000  # of one statement; SQLite takes 32,766 values

_Key: TypeAlias = tuple[int, str]  # author and nonce
_KNOWN: Final = (
    "SELECT author, nonce, room, seq, at, false, room.name"
    " FROM message JOIN room ON room.id = room WHERE (author, nonce) IN"
)

_MESSAGES: Final = (
    "SELECT seq, name,"  # noqa: S608 - constants
    " CASE change WHEN 'edit' THEN coalesce((SELECT text FROM message AS target"
    " WHERE target.room = message.room AND target.seq = message.of), '') ELSE text END,"
    " at, nonce, reply, edited, deleted IS NOT NULL, change, of, off,"
    " iif(deleted IS NULL AND (edited IS NOT NULL OR instr(text, '@')),"
    " (SELECT json_group_array(named.name) FROM mention"
    " JOIN account AS named ON named.id = mention.account"
    " WHERE mention.message = message.id), NULL), guest_until IS NOT NULL,"
    f" {FILES} FROM message JOIN account ON account.id = author WHERE room = ?"
)
_names_of: Final = msgspec.json.Decoder(list[str]).decode
_AMONG: Final = "AND seq IN (SELECT value FROM json_each(?)) ORDER BY seq"


class _NotFreshError(apsw.ConstraintError):
    """A statement that inserts messages was refused, whole: a nonce is known, most likely."""


class SqliteMessages(Subject):
    @one_transaction
    def append(self, drafts: Sequence[Draft], at: int) -> list[Receipt]:
        return _append_once(self._db, drafts, at)

    @raises_store_errors
    def receipt(self, author: int, nonce: str) -> Receipt | None:
        return _receipt(self._db, author, nonce)

    @raises_store_errors
    def messages_before(self, room: int, before: int, limit: int) -> list[MessageRecord]:
        return self._messages("seq < ? ORDER BY seq DESC", room, before, limit)[::-1]

    @raises_store_errors
    def messages_after(self, room: int, after: int, limit: int) -> list[MessageRecord]:
        return self._messages("seq > ? ORDER BY seq", room, after, limit)

    @raises_store_errors
    def messages_at(self, room: int, seqs: Collection[int]) -> list[MessageRecord]:
        rows = self._db.execute(f"{_MESSAGES} {_AMONG}", (room, as_json([*seqs])))
        return [_record(*row) for row in rows]

    def _messages(self, which: str, room: int, bound: int, limit: int) -> list[MessageRecord]:
        rows = self._db.execute(f"{_MESSAGES} AND {which} LIMIT ?", (room, bound, limit))
        return [_record(*row) for row in rows]


def _record(*row: Any) -> MessageRecord:
    if row[-3] is row[-1] is None:  # neither mentions nor files, as nearly always
        return MessageRecord(*row[:-1])
    *columns, mentions, guest, files = row
    names = mentions and sorted(_names_of(mentions))
    return MessageRecord(*(*columns, names, guest, files_of(files)))


def _append_once(db: apsw.Connection, drafts: Sequence[Draft], at: int) -> list[Receipt]:
    """Append those of `drafts` that are fresh, each once; return the receipts of all.

    Nearly always all are fresh messages, and the table tells if they are not.
    """
    if len(drafts) <= _MAX_ROWS and not any(draft.change for draft in drafts):
        try:
            return _append_fresh(db, drafts, at)
        except _NotFreshError:
            pass
    keys = [(draft.author, draft.nonce) for draft in drafts]
    known = _known_receipts(db, keys)
    fresh: dict[_Key, Draft] = {}
    for key, draft in zip(keys, drafts, strict=True):
        if key not in known:
            fresh.setdefault(key, draft)
    first = dict(zip(fresh, _append_in_order(db, list(fresh.values()), at), strict=True))
    repeated = [key for key, count in Counter(keys).items() if count > 1 and key in first]
    known |= _known_receipts(db, repeated)
    return [first.pop(key) if key in first else known[key] for key in keys]


def _known_receipts(db: apsw.Connection, keys: Sequence[_Key]) -> dict[_Key, Receipt]:
    """Return the receipts of those drafts with `keys` that were appended before.

    Looked up in advance and many at once: a client that repeats what it posted, as each
    does after a lost connection, must not make the whole batch slow.
    """
    known: dict[_Key, Receipt] = {}
    for start in range(0, len(keys), _MAX_ROWS):
        part = keys[start : start + _MAX_ROWS]
        rows = ", ".join(["(?, ?)"] * len(part))
        for author, nonce, *place in db.execute(f"{_KNOWN} (VALUES {rows})", [*chain(*part)]):
            known[author, nonce] = Receipt(*place)
    return known


def _append_in_order(db: apsw.Connection, drafts: Sequence[Draft], at: int) -> list[Receipt]:
    """Append `drafts` that are all fresh: messages many at once, changes one by one."""
    receipts: list[Receipt] = []
    for change, run in groupby(drafts, key=lambda draft: bool(draft.change)):
        if change:
            receipts += [append_change(db, draft, at) for draft in run]
        else:
            receipts += _append_fresh(db, list(run), at)
    return receipts


def _append_fresh(db: apsw.Connection, drafts: Sequence[Draft], at: int) -> list[Receipt]:
    """Append messages. Raises _NotFreshError, having written nothing, if a nonce is known."""
    last = last_of_rooms(db, {draft.room for draft in drafts})
    seqs = {room: seq for room, (seq, _) in last.items()}
    times = {room: max(last_at, at) for room, (_, last_at) in last.items()}
    receipts = []
    values: list[int | str | None] = []
    with_files: list[tuple[Draft, int]] = []
    for draft in drafts:
        room = draft.room
        seq = seqs[room] = seqs[room] + 1
        time = times[room]
        receipts.append(Receipt(room, seq, time, fresh=True))
        clock = None if time == at else at
        values += (room, seq, draft.author, time, draft.nonce, draft.text, draft.reply, clock)
        if draft.files:
            with_files.append((draft, seq))
    _insert_messages(db, values)
    set_last_of_rooms(db, {room: (seq, times[room]) for room, seq in seqs.items()})
    insert_mentions(db, drafts, receipts)
    if with_files:
        attach_files(db, with_files)
    return receipts


def _insert_messages(db: apsw.Connection, values: Sequence[int | str | None]) -> None:
    """Insert rows given as one long list, many with each statement. Raises _NotFreshError.

    Each step of a statement releases the interpreter's lock and waits to get it
    back from a busy event loop, so a batch must not take a step per row.
    """
    for start in range(0, len(values), _COLUMNS * _MAX_ROWS):
        part = values[start : start + _COLUMNS * _MAX_ROWS]
        rows = ", ".join([_ROW] * (len(part) // _COLUMNS))
        try:
            db.execute(f"{_INSERT} VALUES {rows}", part)
        except apsw.ConstraintError as exc:
            raise _NotFreshError(str(exc)) from exc


def _receipt(db: apsw.Connection, author: int, nonce: str) -> Receipt | None:
    return _known_receipts(db, [(author, nonce)]).get((author, nonce))
