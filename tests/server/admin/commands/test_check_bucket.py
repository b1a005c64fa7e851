"""`chat-server check` tries all in a bucket that a server does there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_server.addresses import BucketAddress
from chat_server.admin.commands.check import run_checks
from chat_server.admin.commands.check_bucket import check_bucket
from chat_server.admin.commands.findings import Finding, Verdict
from chat_server.config import Config
from support.bucket import BucketService, bucket_service


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

    (finding,) = _of_files(config)
    assert finding.verdict is Verdict.OK
    assert finding.sentence.startswith(f"{address} can be listed, read and written")
    assert service.objects(address) == {}


def test_a_bucket_that_cannot_be_used_fails_with_the_reason(service: BucketService) -> None:
    (missing,) = check_bucket(BucketAddress("nobodys"), service.endpoint)
    with service.stopped():
        (away,) = check_bucket(BucketAddress("chat"), service.endpoint)

    assert [missing.verdict, away.verdict] == [Verdict.FAIL, Verdict.FAIL]
    assert missing.sentence.startswith("s3://nobodys cannot be used: ")
    assert "The specified bucket does not exist. Check its name" in missing.sentence
    assert "Could not connect to the endpoint URL" in away.sentence


def test_what_a_bucket_needs_and_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chat_server.files.bucket.find_spec", lambda _: None)
    (finding,) = check_bucket(BucketAddress("chat"), None)

    assert finding.verdict is Verdict.FAIL
    assert finding.sentence == "--bucket needs the extra s3: in a clone, pip install '.[s3]'."
