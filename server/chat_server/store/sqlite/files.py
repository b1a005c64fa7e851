"""Files of messages, in SQLite."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

import apsw
import msgspec

from chat_server.store.api import (
    Draft,
    FileBounds,
    FileRecord,
    FullError,
    GoneError,
    StoredFile,
    UploadRecord,
)
from chat_server.store.api.files import FilePlace, blob_key, blob_of, counted
from chat_server.store.sqlite.bulk import as_json, update_rows
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors

_UPLOADS: Final = (
    "SELECT id, account, room, name, size, digest, type, blob FROM file WHERE seq IS NULL"
)
_INSERT: Final = (
    "INSERT INTO file (account, room, begun, name, size, digest)"
    " VALUES (?, ?, ?, ?, ?, ?) RETURNING id"
)
_OLD: Final = (
    "SELECT file.id FROM file JOIN account ON account.id = file.account"
    " WHERE seq IS NULL AND (begun < ? OR removed IS NOT NULL) ORDER BY begun, file.id LIMIT ?"
)
_ATTACH: Final = (
    "UPDATE file SET seq = value ->> 3, place = value ->> 4 FROM json_each(?)"
    " WHERE file.id = value ->> 0 AND account = value ->> 1 AND room = value ->> 2"
    " AND seq IS NULL AND blob IS NOT NULL"
)
_REPLACE: Final = "UPDATE file SET blob = ? WHERE digest = ? AND blob = ?"
_COUNT: Final = (
    "UPDATE message SET files ="
    " (SELECT count(*) FROM file WHERE file.room = message.room AND file.seq = message.seq)"
    " FROM json_each(?) WHERE room = value ->> 0 AND seq = value ->> 1"
)
_ADD_BYTES: Final = (
    "INSERT INTO file_usage (account, bytes) SELECT value ->> 0, value ->> 1"
    " FROM json_each(?) WHERE true"
    " ON CONFLICT (account) DO UPDATE SET bytes = bytes + excluded.bytes"
)
# Of files that are gone: the keys of their blobs, and what they are made of.
_NOTE_UNNEEDED: Final = (
    "INSERT OR IGNORE INTO unneeded_blob SELECT value ->> 0 FROM json_each(?) WHERE NOT EXISTS"
    " (SELECT 1 FROM file WHERE digest = unhex(value ->> 1) AND blob = value ->> 2)"
)
_BLOBS: Final = (
    "SELECT digest, blob, max(size) FROM file"
    " WHERE blob IS NOT NULL AND (digest, blob) > (?, ?)"
    " GROUP BY digest, blob ORDER BY digest, blob LIMIT ?"
)
_PLACES: Final = (
    "SELECT room.name, seq, file.name FROM file JOIN room ON room.id = file.room"
    " WHERE digest = ? AND blob = ? AND seq IS NOT NULL ORDER BY file.id LIMIT ?"
)
# With those of the hooks that an account has made; of a hook, with those of its maker.
_OWN_BYTES: Final = (
    "WITH owner (id) AS (SELECT coalesce((SELECT by FROM hook WHERE account = ?1), ?1))"
    " SELECT coalesce(sum(bytes), 0) FROM file_usage, owner WHERE account = owner.id"
    " OR account IN (SELECT hook.account FROM hook WHERE by = owner.id)"
)
# The files of a `message`, for `files_of`. They are looked for where there are any only.
FILES: Final = (
    "iif(message.files, (SELECT json_group_array("
    "json_object('id', id, 'name', name, 'size', size, 'type', type) ORDER BY place)"
    " FROM file WHERE file.room = message.room AND file.seq = message.seq), NULL)"
)
_records: Final = msgspec.json.Decoder(list[FileRecord]).decode


class SqliteFiles(Subject):
    @one_transaction
    def begin_upload(self, upload: UploadRecord, at: int, bounds: FileBounds) -> UploadRecord:
        _check_room(self._db, upload.room)
        uploads = _uploads(self._db, "AND account = ?", upload.account)
        for one in uploads:
            if replace(one, id=upload.id, type=upload.type, blob=upload.blob) == upload:
                return one
        _check_bounds(self._db, upload, len(uploads), bounds)
        id: int = self._db.execute(
            _INSERT, (upload.account, upload.room, at, upload.name, upload.size, upload.digest)
        ).get
        _add_bytes(self._db, Counter({upload.account: counted(upload.size)}))
        return replace(upload, id=id)

    @raises_store_errors
    def uploads(self, ids: Collection[int]) -> list[UploadRecord]:
        among = "AND id IN (SELECT value FROM json_each(?)) ORDER BY id"
        return _uploads(self._db, among, as_json([*ids]))

    @one_transaction
    def complete_upload(self, id: int, type: str, lost: str = "") -> str:
        found = self._db.execute(
            "SELECT digest, size, blob FROM file WHERE id = ? AND seq IS NULL", (id,)
        ).fetchone()
        if found is None:
            raise GoneError
        digest, size, blob = found
        if blob is None:
            same = _same_content(self._db, digest, size)
            is_lost = same is not None and blob_key(digest, same) == lost
            blob = id if same is None or is_lost else same
            values = (blob, type, id)
            self._db.execute("UPDATE file SET blob = ?, type = ? WHERE id = ?", values)
            if same is not None and is_lost:
                self._db.execute(_REPLACE, (blob, digest, same))
            _note_unneeded(self._db, [(digest, id), (digest, same or id)])
        return blob_key(digest, blob)

    @raises_store_errors
    def same_content(self, digest: bytes, size: int) -> str | None:
        blob = _same_content(self._db, digest, size)
        return None if blob is None else blob_key(digest, blob)

    @one_transaction
    def remove_upload(self, id: int) -> None:
        remove_files(self._db, "id = ? AND seq IS NULL", id)

    @raises_store_errors
    def old_uploads(self, before: int, limit: int) -> list[int]:
        return [id for (id,) in self._db.execute(_OLD, (before, limit))]

    @raises_store_errors
    def stored_file(self, id: int) -> StoredFile | None:
        found = self._db.execute(
            "SELECT room, size, digest, blob FROM file WHERE id = ? AND seq IS NOT NULL", (id,)
        ).fetchone()
        if found is None:
            return None
        room, size, digest, blob = found
        return StoredFile(room, size, blob_key(digest, blob))

    @raises_store_errors
    def unneeded_blobs(self, limit: int) -> list[str]:
        keys = self._db.execute("SELECT key FROM unneeded_blob ORDER BY key LIMIT ?", (limit,))
        return [key for (key,) in keys]

    @raises_store_errors
    def forget_blobs(self, keys: Collection[str]) -> None:
        statement = "DELETE FROM unneeded_blob WHERE key IN (SELECT value FROM json_each(?))"
        self._db.execute(statement, (as_json([*keys]),))

    @raises_store_errors
    def file_bytes(self) -> int:
        return _bytes_of_all(self._db)

    @raises_store_errors
    def places(self, blob: str, limit: int) -> list[FilePlace]:
        rows = self._db.execute(_PLACES, (*blob_of(blob), limit))
        return [FilePlace(*row) for row in rows]

    @raises_store_errors
    def blobs(self, after: str, limit: int) -> list[tuple[str, int, bytes]]:
        rows = self._db.execute(_BLOBS, (*blob_of(after), limit))
        return [(blob_key(digest, blob), size, digest) for digest, blob, size in rows]


def files_of(column: str | None) -> list[FileRecord]:
    """Return the files that a query has in its column FILES."""
    return _records(column) if column else []


def attach_files(db: apsw.Connection, posted: Sequence[tuple[Draft, int]]) -> None:
    """Make the uploads of these drafts the files of their messages, which have been inserted.

    Each draft is with the seq of its message.
    """
    files = [
        (id, draft.author, draft.room, seq, place)
        for draft, seq in posted
        for place, id in enumerate(draft.files)
    ]
    update_rows(db, _ATTACH, files)
    update_rows(db, _COUNT, sorted({(room, seq) for _, _, room, seq, _ in files}))


def remove_files(db: apsw.Connection, which: str, *values: int) -> int:
    """Remove the files that `which` selects; return how many.

    Every one that goes must go here, so that its blob is known as one that is no longer needed.
    """
    rows = db.execute(
        f"DELETE FROM file WHERE {which}"  # noqa: S608 - a constant
        " RETURNING account, size, digest, coalesce(blob, id)",
        values,
    )
    gone: list[tuple[int, int, bytes, int]] = list(rows)
    if gone:
        usage = Counter[int]()
        for account, size, *_ in gone:
            usage[account] -= counted(size)
        _add_bytes(db, usage)
        _note_unneeded(db, [(digest, blob) for *_, digest, blob in gone])
    return len(gone)


def _uploads(db: apsw.Connection, which: str, *values: int | str) -> list[UploadRecord]:
    rows = db.execute(f"{_UPLOADS} {which}", values)
    return [
        UploadRecord(*(*columns, digest, type, blob_key(digest, blob) if blob else ""))
        for *columns, digest, type, blob in rows
    ]


def _check_room(db: apsw.Connection, room: int) -> None:
    if db.execute("SELECT 1 FROM room WHERE id = ? AND removed IS NULL", (room,)).get is None:
        raise GoneError


def _check_bounds(
    db: apsw.Connection, upload: UploadRecord, uploads: int, bounds: FileBounds
) -> None:
    """Raise FullError if there is no place for `upload` beside the account's `uploads`."""
    if uploads >= bounds.uploads:
        raise FullError("uploads")
    own: int = db.execute(_OWN_BYTES, (upload.account,)).get
    if own + counted(upload.size) > bounds.account:
        raise FullError("account")
    if _bytes_of_all(db) + counted(upload.size) > bounds.total:
        raise FullError("total")


def _bytes_of_all(db: apsw.Connection) -> int:
    bytes: int = db.execute("SELECT coalesce(sum(bytes), 0) FROM file_usage").get
    return bytes


def _add_bytes(db: apsw.Connection, usage: Counter[int]) -> None:
    update_rows(db, _ADD_BYTES, [*usage.items()])


def _same_content(db: apsw.Connection, digest: bytes, size: int) -> int | None:
    """Return the blob of a whole file that has this content."""
    same = "SELECT blob FROM file WHERE digest = ? AND blob IS NOT NULL AND size = ? LIMIT 1"
    blob: int | None = db.execute(same, (digest, size)).get
    return blob


def _note_unneeded(db: apsw.Connection, blobs: Sequence[tuple[bytes, int]]) -> None:
    """Record those of `blobs`, by digest and upload, that no file has."""
    rows = [(blob_key(digest, blob), digest.hex(), blob) for digest, blob in blobs]
    update_rows(db, _NOTE_UNNEEDED, rows)
