"""Filling the search index: every message under its words, its files, its room and its author.

The index is a file of its own; the database of messages is attached to it as
`chat`, read-only. All of it can be rebuilt from there, so it need not be safe
on disk: an index with anything wrong is thrown away.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import apsw

from chat_server.store.api import StoreError
from chat_server.store.search_index.accents import add_functions, plain_sql
from chat_server.store.search_index.words import room_token
from chat_server.store.sqlite.transaction import transaction
from chat_server.store.sqlite.wal import truncate_wal
from chat_shared.limits import MAX_SEQ

P = ParamSpec("P")
T = TypeVar("T")

VERSION: Final = 4  # an index of another version is rebuilt

# How to open the index: `attach` names the database of messages by a URI.
FLAGS: Final = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE | apsw.SQLITE_OPEN_URI

_BUSY_TIMEOUT: Final = 5_000  # milliseconds

# `entry` keeps a copy of the text and the names of files, in the form in which they are compared,
# so that FTS5 can erase the words of an entry that is removed. `day` has the last message of each
# day, whatever the clock did. `state` is where the index ends: its last message, and the place of
# that; and the boot id of the system that has it open.
_SCHEMA: Final = """
    CREATE VIRTUAL TABLE entry USING fts5 (
        text, room, author, files, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
    );
    INSERT INTO entry (entry, rank) VALUES ('secure-delete', 1);
    CREATE TABLE day (day INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT;
    CREATE TABLE room (id INTEGER PRIMARY KEY) STRICT;
    CREATE TABLE state (
        last INTEGER NOT NULL, room INTEGER, seq INTEGER, at INTEGER, boot TEXT NOT NULL
    ) STRICT;
    INSERT INTO state VALUES (0, NULL, NULL, NULL, '');
"""

# The names of the files of a `message`, a line each, in the form in which they are compared.
FILE_NAMES: Final = (
    "iif(message.files, (SELECT plain(coalesce(group_concat(name, char(10) ORDER BY place), ''))"
    " FROM chat.file WHERE file.room = message.room AND file.seq = message.seq), '')"
)

# All in single statements: each releases the interpreter's lock for as long as it runs,
# and row by row it would have to be taken back a thousand times.
_INSERT: Final = f"""
    INSERT OR REPLACE INTO entry (rowid, text, room, author, files)
    SELECT id, {plain_sql("text")}, 'r' || room, 'a' || author, {FILE_NAMES} FROM chat.message
    WHERE id > ?1 AND id <= ?2 AND change = '' AND deleted IS NULL
"""  # noqa: S608 - a constant
_REPLACE: Final = f"""
    INSERT OR REPLACE INTO entry (rowid, text, room, author, files)
    SELECT message.id, {plain_sql("message.text")}, 'r' || message.room, 'a' || message.author,
        {FILE_NAMES}
    FROM chat.message AS edit
    JOIN chat.message ON message.room = edit.room AND message.seq = edit.of
    WHERE edit.id > ?1 AND edit.id <= ?2 AND edit.change = 'edit' AND message.deleted IS NULL
"""  # noqa: S608 - a constant
_DELETE: Final = """
    DELETE FROM entry WHERE rowid IN (
        SELECT target.id FROM chat.message AS deletion
        JOIN chat.message AS target ON target.room = deletion.room AND target.seq = deletion.of
        WHERE deletion.id > ?1 AND deletion.id <= ?2 AND deletion.change = 'delete'
    )
"""
_UPDATE_DAYS: Final = """
    INSERT INTO day SELECT at / 86400000, max(id) FROM chat.message
    WHERE id > ?1 AND id <= ?2 GROUP BY 1
    ON CONFLICT (day) DO UPDATE SET last = max(last, excluded.last)
"""
_INSERT_ROOMS: Final = """
    INSERT OR IGNORE INTO room SELECT DISTINCT room FROM chat.message WHERE id > ?1 AND id <= ?2
"""
_IS_DIFFERENT: Final = """
    SELECT count(*) FROM state JOIN chat.message ON message.id = state.last
    WHERE (message.room, message.seq, message.at) IS NOT (state.room, state.seq, state.at)
"""
_FIRST_DIFFERENT: Final = f"""
    SELECT message.id FROM chat.message LEFT JOIN entry ON entry.rowid = message.id
    WHERE change = '' AND deleted IS NULL AND (
        entry.text IS NOT {plain_sql("message.text")} OR entry.room <> 'r' || message.room
        OR entry.author <> 'a' || message.author OR entry.files <> {FILE_NAMES}
    ) ORDER BY message.id LIMIT 1
"""  # noqa: S608 - a constant
_UPDATE_STATE: Final = """
    UPDATE state SET (last, room, seq, at) =
    (SELECT id, room, seq, at FROM chat.message WHERE id = ?)
"""


class DamagedIndexError(StoreError):
    """The index is unusable and must be rebuilt."""


@dataclass(frozen=True, slots=True)
class Position:
    """The last message in the index, and the newest one in the database."""

    last: int
    newest: int


def raises_index_errors(function: Callable[P, T]) -> Callable[P, T]:
    """Turn SQLite errors into StoreError, or DamagedIndexError if the file is to blame."""

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except (apsw.CorruptError, apsw.NotADBError) as exc:
            raise DamagedIndexError(f"{function.__name__}: {exc}") from exc
        except apsw.Error as exc:
            raise StoreError(f"{function.__name__}: {exc}") from exc

    return guarded


@raises_index_errors
def prepare(db: apsw.Connection, messages: Path) -> None:
    """Make `db` an index of the database `messages`, if it is not one already.

    Raises DamagedIndexError if it is something else, or may be half-written.
    """
    attach(db, messages)
    db.pragma("journal_mode", "wal")
    db.pragma("synchronous", "off")
    db.pragma("secure_delete", True)
    if not db.execute("SELECT count(*) FROM sqlite_schema").get:
        with transaction(db):
            db.execute(_SCHEMA).fetchall()
            db.pragma("user_version", VERSION)
    try:
        usable = _is_usable(db)
    except apsw.SQLError:  # it has other tables
        usable = False
    if not usable:
        raise DamagedIndexError(
            "it has another version, belongs to another database or is incomplete"
        )
    db.execute("UPDATE state SET boot = ?", (_boot(),))


@raises_index_errors
def attach(db: apsw.Connection, messages: Path) -> None:
    """Attach the database `messages` to `db`, which was opened with FLAGS.

    Read-only: else each transaction of the index would lock it against the store's commits.
    """
    db.set_busy_timeout(_BUSY_TIMEOUT)
    add_functions(db)
    db.execute("ATTACH ? AS chat", (f"{messages.absolute().as_uri()}?mode=ro",)).fetchall()


@raises_index_errors
def close_index(db: apsw.Connection) -> None:
    """Mark the index as complete: from here on a crash of the system does no harm."""
    db.execute("UPDATE state SET boot = ''")


@raises_index_errors
def index_next(db: apsw.Connection, limit: int) -> Position:
    """Index the next `limit` messages and changes; return how far the index goes."""
    with transaction(db):
        newest: int = db.execute("SELECT coalesce(max(id), 0) FROM chat.message").get
        last = _rewind(db, newest)
        upto: int | None = db.execute(
            "SELECT id FROM chat.message WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?",
            (last, limit - 1),
        ).get
        position = Position(newest if upto is None else upto, newest)
        if position.last > last:
            for step in (_INSERT, _REPLACE, _DELETE, _UPDATE_DAYS, _INSERT_ROOMS):
                db.execute(step, (last, position.last))
            db.execute(_UPDATE_STATE, (position.last,))
    return position


@raises_index_errors
def indexed_rooms(db: apsw.Connection) -> list[int]:
    """Return the rooms that have messages in the index."""
    return [room for (room,) in db.execute("SELECT id FROM room")]


@raises_index_errors
def purge(db: apsw.Connection, room: int, limit: int) -> int:
    """Remove up to `limit` messages of `room` that are no longer kept; return how many."""
    with transaction(db):
        first: int | None = db.execute(
            "SELECT id FROM chat.message WHERE room = ? ORDER BY seq LIMIT 1", (room,)
        ).get
        db.execute(
            "DELETE FROM entry WHERE rowid IN"
            " (SELECT rowid FROM entry WHERE entry MATCH ? AND rowid < ? LIMIT ?)",
            (f"room : {room_token(room)}", MAX_SEQ if first is None else first, limit),
        )
        removed = db.changes()
        if first is None and not removed:
            db.execute("DELETE FROM room WHERE id = ?", (room,))
    return removed


@raises_index_errors
def erase_deleted(db: apsw.Connection) -> bool:
    """Make what was removed unreadable in the log beside the index too; return if that is done."""
    return truncate_wal(db)


def _rewind(db: apsw.Connection, newest: int) -> int:
    """Return where the index ends, after removing messages that are different ones by now.

    When the newest messages of all have been removed, their ids are used again.
    """
    last: int = db.execute("SELECT last FROM state").get
    if last <= newest and _is_same(db):
        return last
    first: int | None = db.execute(_FIRST_DIFFERENT).get
    last = newest if first is None else first - 1
    db.execute("DELETE FROM entry WHERE rowid > ?", (last,))
    return last


def _is_same(db: apsw.Connection) -> bool:
    """Return whether the last message indexed is in its place, or is no longer kept."""
    return not db.execute(_IS_DIFFERENT).get


def _is_usable(db: apsw.Connection) -> bool:
    if db.pragma("user_version") != VERSION:
        return False
    return _is_same(db) and db.execute("SELECT boot FROM state").get in ("", _boot())


def _boot() -> str:
    """Return a text that changes with each start of the system, where there is one (Linux)."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"
