"""The part of `chat-server check` about the content of files: missing, damaged, or of no message.

A server may post, delete and remove meanwhile: what seems wrong is looked at again.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Final

from chat_server.admin.commands.findings import Finding, Verdict
from chat_server.errors import StartError
from chat_server.files.blobs import BlobError
from chat_server.files.folder import FolderBlobs
from chat_server.store.sqlite.offline import StoredBlobs, examine_blobs

_SUBJECT: Final = "files"
_MIB: Final = 1024**2
_READ: Final = _MIB  # bytes of a blob in memory


def check_files(
    folder: Path, database: Path, report: Callable[[float], None] | None = None
) -> Iterator[Finding]:
    """Yield the findings about the blobs in `folder` of the files in `database`.

    With `report`, which is called with the part that is done, from 0 to 1, every byte is read.
    """
    if not database.exists():
        return
    blobs = FolderBlobs(folder)
    try:
        found = set(blobs.keys())  # before the database: that knew of each of them by then
        stored = examine_blobs(database)
        wrong = _find_wrong(blobs, stored, report)
        if wrong:  # unless it was deleted meanwhile
            wrong &= examine_blobs(database).needed.keys()
        others = found - stored.needed.keys() - stored.passing
        left = [key for key in others if blobs.size(key) is not None]
        missing = [key for key in wrong if blobs.size(key) is None]
    except (StartError, BlobError) as exc:
        yield Finding(Verdict.FAIL, _SUBJECT, f"{folder} cannot be checked: {exc}")
        return
    yield from _failures(blobs, missing, "missing")
    yield from _failures(blobs, wrong - {*missing}, "damaged")
    if left:
        sentence = (
            f"{_number(left)} in {folder} of no message, such as {blobs.path(min(left))}. "
            "If the database is the right one, delete them."
        )
        yield Finding(Verdict.WARN, _SUBJECT, sentence)
    if not (wrong or left):
        yield Finding(Verdict.OK, _SUBJECT, _state(stored, whole=report is not None))


def _find_wrong(
    blobs: FolderBlobs, stored: StoredBlobs, report: Callable[[float], None] | None
) -> set[str]:
    """Return the keys of needed blobs that are missing or damaged."""
    wrong = {key for key, (size, _) in stored.needed.items() if blobs.size(key) != size}
    if report is None:
        return wrong
    total, done = sum(size for size, _ in stored.needed.values()), 0
    for key, (size, digest) in stored.needed.items():
        if key not in wrong and _digest(blobs.path(key)) != digest:
            wrong.add(key)
        done += size
        report(done / max(total, 1))
    return wrong


def _digest(path: Path) -> bytes | None:
    """Return the SHA-256 of a file; None if it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb", buffering=0) as file:
            while data := file.read(_READ):
                digest.update(data)
    except OSError:
        return None
    return digest.digest()


def _failures(blobs: FolderBlobs, keys: Collection[str], what: str) -> Iterator[Finding]:
    if keys:
        verb = "is" if len(keys) == 1 else "are"
        sentence = (
            f"{_number(keys)} {verb} {what}, such as {blobs.path(min(keys))}. "
            "Copy what you can from a backup."
        )
        yield Finding(Verdict.FAIL, _SUBJECT, sentence)


def _state(stored: StoredBlobs, *, whole: bool) -> str:
    if not stored.needed:
        return "none yet"
    size = sum(size for size, _ in stored.needed.values())
    extent = "every byte is as it was uploaded" if whole else "none missing"
    return f"{_number(stored.needed)}, {size / _MIB:,.1f} MiB; {extent}"


def _number(keys: Collection[str]) -> str:
    return "1 file" if len(keys) == 1 else f"{len(keys):,} files"
