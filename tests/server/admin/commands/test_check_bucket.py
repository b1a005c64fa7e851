"""`chat-server check` tries all in a bucket that a server does there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_server.admin.commands.check import run_checks
from chat_server.admin.commands.findings import Finding, Verdict
from chat_server.config import Config
from chat_server.files.bucket import BucketBlobs
from chat_server.files.folder import FolderBlobs
from chat_server.files.read_ahead import BLOCK
from chat_server.store.api.files import blob_key
from chat_server.store.postgresql.database import connect, migrate
from chat_server.store.postgresql.store import PostgresqlStore
from chat_server.store.sqlite.offline import open_store
from support.bucket import BucketService, bucket_service
from support.postgresql import empty_database
from support.posts import change
from support.stored_files import post_content


@pytest.fixture(scope="module")
def service() -> Iterator[BucketService]:
    with bucket_service() as service:
        yield service


def _of_files(config: Config) -> list[Finding]:
    return [finding for finding in run_checks(config) if finding.subject == "files"]


def test_a_bucket_that_can_be_used_is_well_and_left_as_it_was(
    service: BucketService, tmp_path: Path
) -> None:
    address = service.new_bucket("chat/")
    config = Config(data=tmp_path, bucket=f"{address}", bucket_endpoint=service.endpoint)

    usable, compared = _of_files(config)
    assert (usable.verdict, compared.verdict) == (Verdict.OK, Verdict.OK)
    assert usable.sentence == f"{address} can be listed, read and written"
    assert compared.sentence == f"{address} is not compared with the database"
    assert service.objects(address) == {}


def test_a_bucket_that_cannot_be_used_fails_with_the_reason(
    service: BucketService, tmp_path: Path
) -> None:
    config = Config(data=tmp_path, bucket="s3://nobodys", bucket_endpoint=service.endpoint)
    (missing,) = _of_files(config)
    with service.stopped():
        (away,) = _of_files(config)

    assert [missing.verdict, away.verdict] == [Verdict.FAIL, Verdict.FAIL]
    assert missing.sentence.startswith("s3://nobodys cannot be used: ")
    assert "The specified bucket does not exist. Check its name" in missing.sentence
    assert "Could not connect to the endpoint URL" in away.sentence


def test_what_a_bucket_needs_and_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("chat_server.files.bucket.find_spec", lambda _: None)
    (finding,) = _of_files(Config(data=tmp_path, bucket="s3://chat"))

    assert finding.verdict is Verdict.FAIL
    assert finding.sentence == "--bucket needs the extra s3: in a clone, pip install '.[s3]'."


def test_files_that_the_bucket_has_lost_or_changed_are_found(
    service: BucketService, tmp_path: Path
) -> None:
    address = service.new_bucket("chat/")
    config = Config(data=tmp_path, bucket=f"{address}", bucket_endpoint=service.endpoint)
    blobs = BucketBlobs(address, service.endpoint, most_blocks=1)
    with open_store(tmp_path / "chat.db") as store:
        ada = store.add_account("ada", "Ada", "hash", 1)
        lost, changed, kept = post_content(store, tmp_path, ada.id, b"a", b"b", b"c" * BLOCK * 2)
    folder = FolderBlobs(tmp_path / "files")
    for key in lost, changed, kept:
        blobs.put(key, folder.path(key))
    assert _of_files(config)[1].sentence == "3 files, 2.0 MiB; none missing"

    blobs.remove(lost)
    service.add(address, f"chat/{changed}")
    _, found = _of_files(config)
    assert (found.verdict, found.sentence) == (
        Verdict.FAIL,
        (
            f"1 file is missing, such as {address}/{lost} (0.txt of message 1 in general). Copy "
            "what you can from a backup. What people send again is mended in every message."
        ),
    )
    *_, damaged = (each for each in run_checks(config, read_files=True) if each.subject == "files")
    assert damaged.sentence.startswith(f"1 file is damaged, such as {address}/{changed} (1.txt of")


def test_what_is_of_no_message_is_counted_and_what_is_soon_removed_is_no_warning(
    service: BucketService, tmp_path: Path
) -> None:
    address = service.new_bucket("chat/")
    config = Config(data=tmp_path, bucket=f"{address}", bucket_endpoint=service.endpoint)
    with open_store(tmp_path / "chat.db") as store:
        ada = store.add_account("ada", "Ada", "hash", 1)
        (gone,) = post_content(store, tmp_path, ada.id, b"a")
        change(store, ada, "delete", 1)
    for key in gone, blob_key(bytes(32), 7), blob_key(bytes(32), 8):
        service.add(address, f"chat/{key}")
    service.add(address, "chat/notes of somebody")

    _, strays, unneeded = _of_files(config)
    assert (strays.verdict, unneeded.verdict) == (Verdict.WARN, Verdict.OK)
    assert strays.sentence == (
        f"2 files, 0.0 MiB, in {address} of no message, such as {address}/{blob_key(bytes(32), 7)}."
        " The server removes only what it knows of: if the database is the right one, delete them."
    )
    assert unneeded.sentence.startswith("1 file, 0.0 MiB, that no message needs any more; ")


def test_servers_with_one_store_are_looked_at_too(service: BucketService, tmp_path: Path) -> None:
    bucket, endpoint = f"{service.new_bucket()}", service.endpoint
    with empty_database() as url:
        config = Config(data=tmp_path, store=url, bucket=bucket, bucket_endpoint=endpoint)
        _, unused = _of_files(config)
        with connect(url) as db:
            migrate(db)
            _, used = _of_files(config)
            (off,) = _of_files(Config(data=tmp_path, store=url))
            store = PostgresqlStore(db)
            post_content(store, tmp_path, store.add_account("ada", "Ada", "hash", 1).id, b"a")
        (without,) = _of_files(Config(data=tmp_path, store=url))

    assert unused.sentence == f"{bucket} is not compared with the database"
    assert used.sentence == "none yet"
    assert f"{off}" == "ok    files         cannot be sent: with --store they need --bucket"
    assert f"{without}" == (
        "fail  files         1 file can be read on one machine only, and none can be sent. Put "
        "them into a --bucket, which servers with --store need for them."
    )
