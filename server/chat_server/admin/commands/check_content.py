"""The part of `chat-server check` about the content of files: missing, damaged, or of no message.

A server may post, delete and remove meanwhile: what seems wrong is looked at again.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, TypeAlias

from chat_server.admin.commands.findings import Finding, Verdict
from chat_server.admin.commands.store_copy import number_of
from chat_server.files.blobs import BlobError, Blobs
from chat_server.files.read_ahead import BLOCK
from chat_server.store.api import FilePlace, Store
from chat_server.store.stored_blobs import StoredBlobs, stored_blobs

SUBJECT: Final = "files"

_MIB: Final = 1024**2
_NAMED: Final = 3  # of the files that are missing or damaged

Report: TypeAlias = Callable[[float], None]  # is called with the part that is done, from 0 to 1


@dataclass(frozen=True, slots=True)
class Wrong:
    """Blobs that are missing or damaged, in the order of their keys."""

    keys: list[str]
    places: list[FilePlace]  # of the first ones, where a message has them


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a folder or a bucket, compared with what a store knows of."""

    needed: int  # blobs
    bytes: int  # of them
    missing: Wrong
    damaged: Wrong
    unneeded: dict[str, int]  # bytes by key of those that the server is about to remove
    strays: dict[str, int]  # and of those that the store does not know


def examine(
    blobs: Blobs, opened: Callable[[], AbstractContextManager[Store]], report: Report | None
) -> Content:
    """Compare `blobs` with the store that `opened` opens, as it is at that moment.

    With `report`, every byte is read. Raises BlobError and UnusableStoreError.
    """
    found = dict(blobs.sizes())  # before the store: that knew of each of them by then
    with opened() as store:
        stored = stored_blobs(store)
    strays = {key for key in found if key not in stored}
    wrong = _of_another_size(stored, found)
    if wrong or strays:  # unless they have just been stored, or removed
        found = dict(blobs.sizes())
        wrong &= _of_another_size(stored, found)
    if report is not None:
        wrong |= _changed(blobs, stored, wrong, report)
    with opened() as store:
        if wrong:  # unless they have been deleted
            wrong &= stored_blobs(store).needed.keys()
        return Content(
            len(stored.needed),
            sum(size for size, _ in stored.needed.values()),
            missing=_wrong(store, wrong - found.keys()),
            damaged=_wrong(store, wrong & found.keys()),
            unneeded={key: size for key, size in found.items() if key in stored.unneeded},
            strays={key: size for key, size in found.items() if key in strays},
        )


def findings(blobs: Blobs, place: str, content: Content, *, whole: bool) -> Iterator[Finding]:
    """Yield what is wrong in `place`, or that nothing is; `whole` if every byte was read."""
    yield from _failures(blobs, content.missing, "missing", "What people")
    yield from _failures(blobs, content.damaged, "damaged", "What you delete and people")
    if content.strays:
        yield Finding(Verdict.WARN, SUBJECT, _about_strays(blobs, place, content.strays))
    if not (content.missing.keys or content.damaged.keys or content.strays):
        yield Finding(Verdict.OK, SUBJECT, _state(content, whole=whole))
    if content.unneeded:
        sentence = (
            f"{_amount(content.unneeded)} that no message needs any more; "
            "the server removes what is not needed within a minute"
        )
        yield Finding(Verdict.OK, SUBJECT, sentence)


def _of_another_size(stored: StoredBlobs, found: dict[str, int]) -> set[str]:
    return {key for key, (size, _) in stored.needed.items() if found.get(key) != size}


def _changed(blobs: Blobs, stored: StoredBlobs, known: Collection[str], report: Report) -> set[str]:
    """Return the keys of blobs, but for `known` ones, whose content is not what was uploaded."""
    changed, done = set[str](), 0
    total = sum(size for size, _ in stored.needed.values())
    for key, (size, digest) in stored.needed.items():
        if key not in known and _digest(blobs, key, size) != digest:
            changed.add(key)
        done += size
        report(done / max(total, 1))
    return changed


def _digest(blobs: Blobs, key: str, size: int) -> bytes | None:
    """Return the SHA-256 of a blob; None if it cannot be read. Raises BlobError if none can."""
    digest = hashlib.sha256()
    try:
        for at in range(0, size, BLOCK):
            digest.update(blobs.read(key, at, BLOCK))
    except BlobError:
        blobs.size(key)
        return None
    return digest.digest()


def _wrong(store: Store, keys: Collection[str]) -> Wrong:
    ordered = sorted(keys)
    places = [place for key in ordered[:_NAMED] for place in store.places(key, 1)]
    return Wrong(ordered, places)


def _failures(blobs: Blobs, wrong: Wrong, what: str, whatever: str) -> Iterator[Finding]:
    if wrong.keys:
        verb = "is" if len(wrong.keys) == 1 else "are"
        found = "; ".join(f"{at.name} of message {at.seq} in {at.room}" for at in wrong.places)
        named = f" ({found})" if found else ""
        sentence = (
            f"{number_of(len(wrong.keys))} {verb} {what}, such as "
            f"{blobs.where(wrong.keys[0])}{named}. Copy what you can from a backup. "
            f"{whatever} send again is mended in every message."
        )
        yield Finding(Verdict.FAIL, SUBJECT, sentence)


def _about_strays(blobs: Blobs, place: str, strays: dict[str, int]) -> str:
    return (
        f"{_amount(strays)} in {place} of no message, such as {blobs.where(min(strays))}. The "
        "server removes only what it knows of: if the database is the right one, delete them."
    )


def _state(content: Content, *, whole: bool) -> str:
    if not content.needed:
        return "none yet"
    extent = "every byte is as it was uploaded" if whole else "none missing"
    return f"{number_of(content.needed)}, {_mebibytes(content.bytes)}; {extent}"


def _amount(sizes: dict[str, int]) -> str:
    return f"{number_of(len(sizes))}, {_mebibytes(sum(sizes.values()))},"


def _mebibytes(size: int) -> str:
    return f"{size / _MIB:,.1f} MiB"
