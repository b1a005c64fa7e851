"""The part of `chat-server check` about a bucket: whether it can be used, and has all files."""

import hashlib
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from importlib.util import find_spec
from typing import Final, TypeAlias

from chat_server.addresses import BucketAddress
from chat_server.admin.commands.findings import Finding, Verdict
from chat_server.admin.commands.store_copy import number_of
from chat_server.config import Config
from chat_server.data_folder import DATABASE
from chat_server.errors import StartError, UnusableStoreError
from chat_server.files.blobs import BlobError, Blobs
from chat_server.files.bucket import BucketBlobs, check_bucket_extra
from chat_server.files.read_ahead import BLOCK
from chat_server.store.api import Store
from chat_server.store.sqlite.offline import read_store

_SUBJECT: Final = "files"
_PAGE: Final = 10_000  # blobs

_Needed: TypeAlias = dict[str, tuple[int, bytes]]  # size and SHA-256, by key


def check_bucket(
    config: Config, address: BucketAddress, report: Callable[[float], None] | None = None
) -> Iterator[Finding]:
    """Yield the findings about the bucket, in which an object is written and removed again.

    With `report`, which is called with the part that is done, from 0 to 1, every byte is read.
    """
    state = f"{address} can be listed, read and written"
    try:
        check_bucket_extra()
        blobs = BucketBlobs(address, config.bucket_endpoint, most_blocks=1)
        blobs.try_out()
        needed = _needed(config)
        missing = needed.keys() - set(blobs.keys())
        damaged = set() if report is None else _find_damaged(blobs, needed, missing, report)
        if missing or damaged:  # unless they were deleted meanwhile
            needed = _needed(config)
    except UnusableStoreError:  # the line about the database says why
        yield Finding(Verdict.OK, _SUBJECT, f"{state}; not compared with the database")
    except StartError as exc:
        yield Finding(Verdict.FAIL, _SUBJECT, f"{exc}")
    except BlobError as exc:
        sentence = f"{address} cannot be used: {exc}. Check its name, credentials and permissions."
        yield Finding(Verdict.FAIL, _SUBJECT, sentence)
    else:
        wrong = [*_failures(address, missing & needed.keys(), "missing")]
        wrong += _failures(address, damaged & needed.keys(), "damaged")
        extent = "none missing" if report is None else "every byte is as it was uploaded"
        well = Finding(Verdict.OK, _SUBJECT, f"{state}; {number_of(len(needed))}, {extent}")
        yield from wrong or [well]


def _needed(config: Config) -> _Needed:
    """Return the blobs of whole files and uploads. Raises UnusableStoreError."""
    needed: _Needed = {}
    with _opened(config) as store:
        last = ""
        while page := store.blobs(last, _PAGE):
            needed |= {key: (size, digest) for key, size, digest in page}
            last = page[-1][0]
    return needed


def _opened(config: Config) -> AbstractContextManager[Store]:
    if config.store is None:
        return read_store(config.data / DATABASE)
    if find_spec("psycopg") is None:
        raise UnusableStoreError("--store needs the extra postgresql.")
    from chat_server.store.postgresql.examination import read_store as read_database

    return read_database(config.store)


def _find_damaged(
    blobs: Blobs, needed: _Needed, missing: Collection[str], report: Callable[[float], None]
) -> set[str]:
    """Return the keys of blobs whose content is not what was uploaded. Raises BlobError."""
    damaged, done = set[str](), 0
    total = sum(size for size, _ in needed.values())
    for key, (size, digest) in needed.items():
        if key not in missing and _digest(blobs, key, size) != digest:
            damaged.add(key)
        done += size
        report(done / max(total, 1))
    return damaged


def _digest(blobs: Blobs, key: str, size: int) -> bytes:
    digest = hashlib.sha256()
    for at in range(0, size, BLOCK):
        digest.update(blobs.read(key, at, BLOCK))
    return digest.digest()


def _failures(address: BucketAddress, keys: Collection[str], what: str) -> Iterator[Finding]:
    if keys:
        verb = "is" if len(keys) == 1 else "are"
        sentence = (
            f"{number_of(len(keys))} {verb} {what} in {address}, such as {min(keys)}. "
            "Copy what you can from a backup."
        )
        yield Finding(Verdict.FAIL, _SUBJECT, sentence)
