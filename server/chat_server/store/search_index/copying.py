"""A copy of the messages, in a file beside the search index, for a store on another machine.

The index is made from a database that is attached to it and asked at each search. Where messages
are elsewhere, this copy is that database: it has the tables and columns that the index knows, and
follows the store by the ids of messages. It can be deleted at any time.
"""

import os
from collections.abc import AsyncGenerator, Collection
from contextlib import ExitStack, asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import Final

import apsw

from chat_server.store.api import CopiedMessage, Store, StoreError
from chat_server.store.search_index.indexing import DamagedIndexError, raises_index_errors
from chat_server.store.search_index.query import HitRecord
from chat_server.store.sqlite.transaction import transaction
from chat_server.store.sqlite.wal import truncate_wal
from chat_server.store.threads import Read
from chat_server.tasks.worker import Worker
from chat_shared.limits import MAX_SEQ

VERSION: Final = 2  # a copy of another version is made anew
PAGE: Final = 1_000  # messages read from the store at a time

# `state`: the last id that was read, even if that message is no longer kept.
_SCHEMA: Final = """
    CREATE TABLE message (
        id INTEGER PRIMARY KEY, room INTEGER NOT NULL, seq INTEGER NOT NULL,
        author INTEGER NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL, change TEXT NOT NULL,
        of INTEGER NOT NULL, deleted INTEGER, files INTEGER NOT NULL, UNIQUE (room, seq)
    ) STRICT;
    CREATE TABLE file (
        room INTEGER NOT NULL, seq INTEGER NOT NULL, place INTEGER NOT NULL, id INTEGER NOT NULL,
        name TEXT NOT NULL, size INTEGER NOT NULL, type TEXT NOT NULL,
        PRIMARY KEY (room, seq, place)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE account (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL)
        STRICT;
    CREATE TABLE state (last INTEGER NOT NULL) STRICT;
    INSERT INTO state VALUES (0);
"""
_INSERT: Final = "INSERT OR REPLACE INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_DELETE_FILES: Final = "DELETE FROM file WHERE room = ? AND seq = ?"
_INSERT_FILE: Final = "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?, ?)"


class MessageCopy:
    """The copy, on a thread of its own. Any method may raise StoreError."""

    def __init__(self, db: apsw.Connection, worker: Worker, read: Read) -> None:
        self._db = db
        self._worker = worker
        self._read = read

    async def refresh(self) -> None:
        """Copy what was stored since the last time."""
        while await self._copy_page() == PAGE:
            pass

    async def check(self) -> None:
        """Begin anew if the store is another one, or has lost messages that are here."""
        last = await self._worker.call(partial(_last, self._db))
        found = await self._read(lambda store: store.copied_messages(last - 1, 1)) if last else []
        is_same = bool(found) and await self._worker.call(partial(_has, self._db, found[0]))
        if not is_same:
            await self._worker.call(partial(_clear, self._db))

    async def confirmed(self, hits: Collection[HitRecord]) -> list[HitRecord]:
        """Return those of `hits` whose message is in the store with the same text.

        It may have been edited or deleted since it was copied.
        """
        texts = await self._read(lambda store: _texts(store, hits))
        return [hit for hit in hits if texts.get((hit.room, hit.seq)) == hit.text]

    async def prune(self) -> None:
        """Remove and erase what the store no longer has."""
        # Read after what was copied: a room that is missing here has lost its messages since.
        first = await self._read(lambda store: store.first_messages())
        await self._worker.call(partial(_prune, self._db, first))

    async def _copy_page(self) -> int:
        """Copy the next messages and changes; return how many."""
        last = await self._worker.call(partial(_last, self._db))
        new, changed = await self._read(lambda store: _page(store, last))
        if new:
            await self._worker.call(partial(_insert, self._db, new, changed))
        return len(new)


@asynccontextmanager
async def open_copy(path: Path, read: Read) -> AsyncGenerator[MessageCopy]:
    """Open the copy at `path` of the store that `read` queries. Raises StoreError.

    One of another store, or with messages that the store has lost, is made anew.
    """
    worker = Worker("message copy")
    worker.start()
    try:
        db = await worker.call(partial(_open, path))
        try:
            copy = MessageCopy(db, worker, read)
            await copy.check()
            yield copy
        finally:
            await worker.call(db.close)
    finally:
        worker.stop()


def _texts(store: Store, hits: Collection[HitRecord]) -> dict[tuple[int, int], str]:
    """Return the texts that the messages of `hits` have, by room and seq."""
    seqs: dict[int, list[int]] = {}
    for hit in hits:
        seqs.setdefault(hit.room, []).append(hit.seq)
    return {
        (room, message.seq): message.text
        for room, places in seqs.items()
        for message in store.messages_at(room, places)
        if not message.deleted
    }


def _page(store: Store, after: int) -> tuple[list[CopiedMessage], list[CopiedMessage]]:
    """Return the next messages and changes, and the messages that those changes are about."""
    new = store.copied_messages(after, PAGE)
    is_changing = any(message.change for message in new)
    return new, store.changed_messages(after, new[-1].id) if is_changing else []


@raises_index_errors
def _open(path: Path) -> apsw.Connection:
    try:
        path.touch(mode=0o600)
    except OSError as exc:
        raise StoreError(f"{path} cannot be opened: {exc}") from exc
    with ExitStack() as cleanup:
        db = cleanup.enter_context(closing(apsw.Connection(os.path.abspath(path))))
        db.pragma("journal_mode", "wal")
        db.pragma("synchronous", "normal")
        db.pragma("secure_delete", True)
        if not db.execute("SELECT count(*) FROM sqlite_schema").get:
            with transaction(db):
                db.execute(_SCHEMA).fetchall()
                db.pragma("user_version", VERSION)
        if db.pragma("user_version") != VERSION:
            raise DamagedIndexError("the copy of the messages has another version")
        cleanup.pop_all()
    return db


@raises_index_errors
def _last(db: apsw.Connection) -> int:
    last: int = db.execute("SELECT last FROM state").get
    return last


@raises_index_errors
def _has(db: apsw.Connection, message: CopiedMessage) -> bool:
    """Return whether the copy has `message` in its place, or nothing with its id."""
    found = db.execute("SELECT room, seq, at FROM message WHERE id = ?", (message.id,)).fetchone()
    return found in (None, (message.room, message.seq, message.at))


@raises_index_errors
def _insert(db: apsw.Connection, new: list[CopiedMessage], changed: list[CopiedMessage]) -> None:
    """Insert the messages that are new, and those that have changed as they are now."""
    messages = [*new, *changed]
    with transaction(db):
        db.executemany(
            "INSERT OR IGNORE INTO account VALUES (?, ?, ?)",
            {(each.author, each.author_key, each.author_name) for each in messages},
        )
        db.executemany(_INSERT, map(_row, messages))
        db.executemany(_DELETE_FILES, [(each.room, each.seq) for each in changed])
        db.executemany(_INSERT_FILE, [row for each in messages for row in _file_rows(each)])
        db.execute("UPDATE state SET last = ?", (new[-1].id,))


def _row(each: CopiedMessage) -> tuple[int | str | None, ...]:
    return (
        *(each.id, each.room, each.seq, each.author, each.at),
        *(each.text, each.change, each.of, each.deleted, len(each.files)),
    )


def _file_rows(each: CopiedMessage) -> list[tuple[int | str, ...]]:
    return [
        (each.room, each.seq, place, file.id, file.name, file.size, file.type)
        for place, file in enumerate(each.files)
    ]


@raises_index_errors
def _prune(db: apsw.Connection, first: dict[int, int]) -> None:
    """Remove what is before the `first` seq of its room; everything of a room that has none."""
    rooms = [room for (room,) in db.execute("SELECT DISTINCT room FROM message")]
    gone = [(room, first.get(room, MAX_SEQ + 1)) for room in rooms]
    with transaction(db):
        for table in "message", "file":
            db.executemany(f"DELETE FROM {table} WHERE room = ? AND seq < ?", gone)  # noqa: S608
    truncate_wal(db)


@raises_index_errors
def _clear(db: apsw.Connection) -> None:
    with transaction(db):
        for table in "message", "file", "account":
            db.execute(f"DELETE FROM {table}")  # noqa: S608
        db.execute("UPDATE state SET last = 0")
