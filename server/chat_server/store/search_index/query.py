"""Searching the index: which messages contain these words, in the rooms of an account."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

import apsw

from chat_server.store.api import FileRecord
from chat_server.store.search_index.accents import original_places, plain_sql
from chat_server.store.search_index.indexing import FILE_NAMES, raises_index_errors
from chat_server.store.search_index.words import BEGIN, END, expression, places
from chat_server.store.sqlite.files import FILES, files_of
from chat_shared.limits import MAX_SEQ

# Seconds that one search may take: all slow searches share a thread. A phrase of fifty
# common words takes five among a million messages.
LONGEST: Final = 1.0
# Seconds after which a search is a slow one, and no longer holds up the usual ones.
QUICK: Final = 0.05
_CHECK_EVERY: Final = 1_000  # steps of SQLite's machine between two checks of the clock: some 10 ms

_DAY: Final = 86_400_000  # milliseconds
# The message decides: a text that it no longer has, after an edit or deletion a
# moment ago or because it is a different message, is not found.
_FIND: Final = f"""
    SELECT message.id, message.room, message.seq, account.name, message.at, message.text,
        highlight(entry, 0, '{BEGIN}', '{END}'), {FILES}
    FROM entry CROSS JOIN chat.message ON message.id = entry.rowid
    CROSS JOIN chat.account ON account.id = message.author
    WHERE entry MATCH ? AND entry.rowid <= ? AND message.at < ?
    AND message.change = '' AND message.deleted IS NULL
    AND entry.text = {plain_sql("message.text")} AND entry.files = {FILE_NAMES}
    ORDER BY entry.rowid DESC LIMIT ?
"""  # noqa: S608 - constants


class SlowSearchError(Exception):
    """The search found nothing in the time that it may take, or not all of a quick one."""


@dataclass(frozen=True, slots=True)
class Query:
    words: str
    rooms: Collection[int]
    limit: int
    author: str = ""  # the key of an account; empty for any
    until: int = MAX_SEQ  # milliseconds since 1970, UTC
    before: int = MAX_SEQ + 1  # only messages with a lower id
    quick: bool = False  # whether it is given up once it is a slow one


@dataclass(frozen=True, slots=True)
class HitRecord:
    id: int
    room: int
    seq: int
    author: str
    at: int  # milliseconds since 1970, UTC
    text: str
    marks: list[tuple[int, int]]  # of the text alone
    files: list[FileRecord]


@dataclass(frozen=True, slots=True)
class Findings:
    hits: list[HitRecord]
    more: bool  # or perhaps more


@raises_index_errors
def find(db: apsw.Connection, query: Query) -> Findings:
    """Return the messages found, newest first. Raises SlowSearchError.

    A search that takes too long returns what it has found so far, if anything:
    another one can continue behind the last hit.
    """
    bound = _bound(db, query)
    author: int | None = None
    if query.author:
        author = db.execute("SELECT id FROM chat.account WHERE key = ?", (query.author,)).get
        if author is None:
            return Findings([], more=False)
    if not query.rooms or bound is None:
        return Findings([], more=False)
    values = (expression(query.words, query.rooms, author), bound, query.until, query.limit + 1)
    rows, whole = _rows(db, values, QUICK if query.quick else LONGEST)
    if query.quick and not whole:
        raise SlowSearchError
    more = len(rows) > query.limit or not whole
    return Findings([_hit(*row) for row in rows[: query.limit]], more)


def _rows(
    db: apsw.Connection, values: tuple[str | int, ...], seconds: float
) -> tuple[list[Any], bool]:
    """Return the rows found in `seconds`, and whether those are all."""
    end = monotonic() + seconds
    found: list[Any] = []
    db.set_progress_handler(lambda: monotonic() > end, _CHECK_EVERY)
    try:
        with suppress(apsw.InterruptError):
            found.extend(db.execute(_FIND, values))
            return found, True
    finally:
        db.set_progress_handler(None)
    if not found:
        raise SlowSearchError
    return found, False


def _hit(*row: Any) -> HitRecord:
    *columns, text, marked, files = row
    marks = original_places(text, places(marked))
    return HitRecord(*(*columns, text, marks, files_of(files)))


def _bound(db: apsw.Connection, query: Query) -> int | None:
    """Return the highest id that a hit can have; None if there can be no hit."""
    last: int | None = db.execute(
        "SELECT max(last) FROM day WHERE day <= ?", (query.until // _DAY,)
    ).get
    return None if last is None else min(last, query.before - 1)
