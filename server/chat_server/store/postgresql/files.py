"""Files of messages, in PostgreSQL."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

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
from chat_server.store.postgresql.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.postgresql.queries import (
    Database,
    change,
    columns,
    first,
    rows,
    value,
    values_of,
)

_UPLOADS: Final = (
    "SELECT id, account, room, name, size, digest, type, blob FROM file WHERE seq IS NULL"
)
_INSERT: Final = (
    "INSERT INTO file (account, room, begun, name, size, digest)"
    " VALUES (%s, %s, %s, %s, %s, %s) RETURNING id"
)
_OLD: Final = (
    "SELECT file.id FROM file JOIN account ON account.id = file.account"
    " WHERE seq IS NULL AND (begun < %s OR removed IS NOT NULL) ORDER BY begun, file.id LIMIT %s"
)
_ATTACH: Final = (
    "UPDATE file SET seq = new.seq, place = new.place FROM unnest(%s::bigint[], %s::bigint[],"
    " %s::bigint[], %s::bigint[], %s::bigint[]) AS new (id, account, room, seq, place)"
    " WHERE file.id = new.id AND file.account = new.account AND file.room = new.room"
    " AND file.seq IS NULL AND blob IS NOT NULL"
)
_REPLACE: Final = "UPDATE file SET blob = %s WHERE digest = %s AND blob = %s"
_COUNT: Final = (
    "UPDATE message SET files ="
    " (SELECT count(*) FROM file WHERE file.room = message.room AND file.seq = message.seq)"
    " FROM unnest(%s::bigint[], %s::bigint[]) AS place (room, seq)"
    " WHERE message.room = place.room AND message.seq = place.seq"
)
# With those of the hooks that an account has made; of a hook, with those of its maker.
_OWN_BYTES: Final = (
    "WITH owner (id) AS (SELECT coalesce((SELECT by FROM hook WHERE account = %(account)s),"
    " %(account)s)) SELECT coalesce(sum(bytes), 0)::bigint FROM file_usage, owner"
    " WHERE account = owner.id OR account IN (SELECT hook.account FROM hook WHERE by = owner.id)"
)
_ADD_BYTES: Final = (
    "INSERT INTO file_usage (account, bytes)"
    " SELECT account, bytes FROM unnest(%s::bigint[], %s::bigint[]) AS new (account, bytes)"
    " ON CONFLICT (account) DO UPDATE SET bytes = file_usage.bytes + excluded.bytes"
)
# Of files that are gone: the keys of their blobs, and what they are made of.
_NOTE_UNNEEDED: Final = (
    "INSERT INTO unneeded_blob SELECT key"
    " FROM unnest(%s::text[], %s::bytea[], %s::bigint[]) AS gone (key, digest, blob)"
    " WHERE NOT EXISTS"
    " (SELECT FROM file WHERE file.digest = gone.digest AND file.blob = gone.blob)"
    " ON CONFLICT DO NOTHING"
)
_BLOBS: Final = (
    "SELECT digest, blob, max(size) FROM file"
    " WHERE blob IS NOT NULL AND (digest, blob) > (%s, %s)"
    " GROUP BY digest, blob ORDER BY digest, blob LIMIT %s"
)
_PLACES: Final = (
    "SELECT room.name, seq, file.name FROM file JOIN room ON room.id = file.room"
    " WHERE digest = %s AND blob = %s AND seq IS NOT NULL ORDER BY file.id LIMIT %s"
)
# The files of a `message`, for `files_of`. They are looked for where there are any only.
FILES: Final = (
    "CASE WHEN message.files > 0 THEN (SELECT json_agg(json_build_object("
    "'id', id, 'name', name, 'size', size, 'type', type) ORDER BY place)::text FROM file"
    " WHERE file.room = message.room AND file.seq = message.seq) END"
)
_records: Final = msgspec.json.Decoder(list[FileRecord]).decode


class PostgresqlFiles(Subject):
    @one_transaction
    def begin_upload(self, upload: UploadRecord, at: int, bounds: FileBounds) -> UploadRecord:
        _check_room(self._db, upload.room)
        uploads = _uploads(self._db, "AND account = %s", upload.account)
        for one in uploads:
            if replace(one, id=upload.id, type=upload.type, blob=upload.blob) == upload:
                return one
        _check_bounds(self._db, upload, len(uploads), bounds)
        id: int = value(
            self._db,
            _INSERT,
            (upload.account, upload.room, at, upload.name, upload.size, upload.digest),
        )
        _add_bytes(self._db, Counter({upload.account: counted(upload.size)}))
        return replace(upload, id=id)

    @raises_store_errors
    def uploads(self, ids: Collection[int]) -> list[UploadRecord]:
        return _uploads(self._db, "AND id = ANY(%s::bigint[]) ORDER BY id", [*ids])

    @one_transaction
    def complete_upload(self, id: int, type: str, lost: str = "") -> str:
        found = first(
            self._db, "SELECT digest, size, blob FROM file WHERE id = %s AND seq IS NULL", (id,)
        )
        if found is None:
            raise GoneError
        digest, size, blob = found
        if blob is None:
            same = _same_content(self._db, digest, size)
            is_lost = same is not None and blob_key(digest, same) == lost
            blob = id if same is None or is_lost else same
            values = (blob, type, id)
            change(self._db, "UPDATE file SET blob = %s, type = %s WHERE id = %s", values)
            if same is not None and is_lost:
                change(self._db, _REPLACE, (blob, digest, same))
            _note_unneeded(self._db, [(digest, id), (digest, same or id)])
        return blob_key(digest, blob)

    @raises_store_errors
    def same_content(self, digest: bytes, size: int) -> str | None:
        blob = _same_content(self._db, digest, size)
        return None if blob is None else blob_key(digest, blob)

    @one_transaction
    def remove_upload(self, id: int) -> None:
        remove_files(self._db, "id = %s AND seq IS NULL", id)

    @raises_store_errors
    def old_uploads(self, before: int, limit: int) -> list[int]:
        return values_of(self._db, _OLD, (before, limit))

    @raises_store_errors
    def stored_file(self, id: int) -> StoredFile | None:
        found = first(
            self._db,
            "SELECT room, size, digest, blob FROM file WHERE id = %s AND seq IS NOT NULL",
            (id,),
        )
        if found is None:
            return None
        room, size, digest, blob = found
        return StoredFile(room, size, blob_key(digest, blob))

    @raises_store_errors
    def unneeded_blobs(self, limit: int) -> list[str]:
        return values_of(self._db, "SELECT key FROM unneeded_blob ORDER BY key LIMIT %s", (limit,))

    @raises_store_errors
    def forget_blobs(self, keys: Collection[str]) -> None:
        change(self._db, "DELETE FROM unneeded_blob WHERE key = ANY(%s::text[])", ([*keys],))

    @raises_store_errors
    def file_bytes(self) -> int:
        return _bytes_of_all(self._db)

    @raises_store_errors
    def places(self, blob: str, limit: int) -> list[FilePlace]:
        found = rows(self._db, _PLACES, (*blob_of(blob), limit))
        return [FilePlace(*row) for row in found]

    @raises_store_errors
    def blobs(self, after: str, limit: int) -> list[tuple[str, int, bytes]]:
        found = rows(self._db, _BLOBS, (*blob_of(after), limit))
        return [(blob_key(digest, blob), size, digest) for digest, blob, size in found]


def files_of(column: str | None) -> list[FileRecord]:
    """Return the files that a query has in its column FILES."""
    return _records(column) if column else []


def attach_files(db: Database, posted: Sequence[tuple[Draft, int]]) -> None:
    """Make the uploads of these drafts the files of their messages, which have been inserted.

    Each draft is with the seq of its message.
    """
    files = [
        (id, draft.author, draft.room, seq, place)
        for draft, seq in posted
        for place, id in enumerate(draft.files)
    ]
    change(db, _ATTACH, columns(files, 5))
    change(db, _COUNT, columns(sorted({(room, seq) for _, _, room, seq, _ in files}), 2))


def remove_files(db: Database, which: str, *values: object) -> int:
    """Remove the files that `which` selects; return how many.

    Every one that goes must go here, so that its blob is known as one that is no longer needed.
    """
    gone = rows(
        db,
        f"DELETE FROM file WHERE {which}"  # noqa: S608 - a constant
        " RETURNING account, size, digest, coalesce(blob, id)",
        values,
    )
    if gone:
        usage = Counter[int]()
        for account, size, *_ in gone:
            usage[account] -= counted(size)
        _add_bytes(db, usage)
        _note_unneeded(db, [(digest, blob) for *_, digest, blob in gone])
    return len(gone)


def _uploads(db: Database, which: str, *values: object) -> list[UploadRecord]:
    return [
        UploadRecord(*(*columns, digest, type, blob_key(digest, blob) if blob else ""))
        for *columns, digest, type, blob in rows(db, f"{_UPLOADS} {which}", values)
    ]


def _check_room(db: Database, room: int) -> None:
    if first(db, "SELECT 1 FROM room WHERE id = %s AND removed IS NULL", (room,)) is None:
        raise GoneError


def _check_bounds(db: Database, upload: UploadRecord, uploads: int, bounds: FileBounds) -> None:
    """Raise FullError if there is no place for `upload` beside the account's `uploads`."""
    if uploads >= bounds.uploads:
        raise FullError("uploads")
    own: int = value(db, _OWN_BYTES, {"account": upload.account})
    if own + counted(upload.size) > bounds.account:
        raise FullError("account")
    if _bytes_of_all(db) + counted(upload.size) > bounds.total:
        raise FullError("total")


def _bytes_of_all(db: Database) -> int:
    bytes: int = value(db, "SELECT coalesce(sum(bytes), 0)::bigint FROM file_usage")
    return bytes


def _add_bytes(db: Database, usage: Counter[int]) -> None:
    change(db, _ADD_BYTES, columns(sorted(usage.items()), 2))


def _same_content(db: Database, digest: bytes, size: int) -> int | None:
    """Return the blob of a whole file that has this content."""
    same = "SELECT blob FROM file WHERE digest = %s AND blob IS NOT NULL AND size = %s LIMIT 1"
    blob: int | None = value(db, same, (digest, size))
    return blob


def _note_unneeded(db: Database, blobs: Sequence[tuple[bytes, int]]) -> None:
    """Record those of `blobs`, by digest and upload, that no file has."""
    keys = [(blob_key(digest, blob), digest, blob) for digest, blob in blobs]
    change(db, _NOTE_UNNEEDED, columns(keys, 3))
