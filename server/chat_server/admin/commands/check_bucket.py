"""The part of `chat-server check` about a bucket: whether it can be used, and has all files."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from importlib.util import find_spec

from chat_server.addresses import BucketAddress
from chat_server.admin.commands.check_content import SUBJECT, Report, examine, findings
from chat_server.admin.commands.findings import Finding, Verdict
from chat_server.admin.commands.store_copy import number_of
from chat_server.config import Config
from chat_server.data_folder import DATABASE
from chat_server.errors import StartError, UnusableStoreError
from chat_server.files.blobs import BlobError
from chat_server.files.bucket import BucketBlobs, check_bucket_extra
from chat_server.store.api import Store
from chat_server.store.sqlite.offline import read_store
from chat_server.store.stored_blobs import all_blobs


def check_without_bucket(url: str) -> Iterator[Finding]:
    """Yield whether servers whose store is at `url` need a bucket."""
    try:
        with _opened_at(url) as store:
            needed = len(all_blobs(store))
    except UnusableStoreError:  # the line about the database says why
        needed = 0
    if needed:
        sentence = (
            f"{number_of(needed)} can be read on one machine only, and none can be sent. Put them "
            "into a --bucket, which servers with --store need for them."
        )
        yield Finding(Verdict.FAIL, SUBJECT, sentence)
    else:
        yield Finding(Verdict.OK, SUBJECT, "cannot be sent: with --store they need --bucket")


def check_bucket(
    config: Config, address: BucketAddress, report: Report | None = None
) -> Iterator[Finding]:
    """Yield the findings about the bucket, in which an object is written and removed again.

    With `report`, every byte is read.
    """
    usable = Finding(Verdict.OK, SUBJECT, f"{address} can be listed, read and written")
    try:
        check_bucket_extra()
        blobs = BucketBlobs(address, config.bucket_endpoint, most_blocks=1)
        blobs.try_out()
        content = examine(blobs, partial(_opened, config), report)
    except UnusableStoreError:  # the line about the database says why
        yield usable
        yield Finding(Verdict.OK, SUBJECT, f"{address} is not compared with the database")
    except StartError as exc:
        yield Finding(Verdict.FAIL, SUBJECT, f"{exc}")
    except BlobError as exc:
        sentence = f"{address} cannot be used: {exc}. Check its name, credentials and permissions."
        yield Finding(Verdict.FAIL, SUBJECT, sentence)
    else:
        yield usable
        yield from findings(blobs, f"{address}", content, whole=report is not None)


def _opened(config: Config) -> AbstractContextManager[Store]:
    return read_store(config.data / DATABASE) if config.store is None else _opened_at(config.store)


def _opened_at(url: str) -> AbstractContextManager[Store]:
    if find_spec("psycopg") is None:
        raise UnusableStoreError("--store needs the extra postgresql.")
    from chat_server.store.postgresql.examination import read_store as read_database

    return read_database(url)
