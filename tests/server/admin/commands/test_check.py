"""`chat-server check` reports on each part of a setup and changes nothing."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chat_server.admin.commands import check as checking
from chat_server.admin.commands.check import check, part_finding, run_checks
from chat_server.admin.commands.findings import Finding, Verdict
from chat_server.config import Config, Limits
from chat_server.store.api import Draft
from chat_server.store.search_index import indexing
from chat_server.store.sqlite.offline import open_store
from chat_server.store.sqlite.schema import MIGRATIONS, VERSION


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder as a server leaves it."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    with open_store(folder / "chat.db"):
        pass
    return folder


def findings(folder: Path, subject: str, limits: Limits | None = None) -> list[Finding]:
    config = Config(data=folder, listen=("tcp://127.0.0.1:0",), limits=limits or Limits())
    return [finding for finding in run_checks(config) if finding.subject == subject]


def verdicts(folder: Path, subject: str, limits: Limits | None = None) -> list[Verdict]:
    return [finding.verdict for finding in findings(folder, subject, limits)]


def certificate(path: Path, begin: timedelta, end: timedelta) -> None:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now + begin, now + end)
    path.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.with_suffix(".key").write_bytes(pem)
    path.with_suffix(".key").chmod(0o600)


def test_every_check_prints_a_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = check(Config(data=folder, listen=("tcp://127.0.0.1:0",), limits=Limits(connections=1)))

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert [line[:20].split()[1] for line in lines] == [
        "config", "data", "database", "search", "files", "server", "free", "file",
    ]  # fmt: skip
    assert all(line.startswith("ok    ") for line in lines if "free disk" not in line)


def test_check_creates_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "nothing" / "yet"

    assert verdicts(folder, "data folder") == [Verdict.WARN]
    assert verdicts(folder, "database") == [Verdict.WARN]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_fails(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    assert verdicts(tmp_path / "data", "data folder") == [Verdict.FAIL]


def test_a_folder_that_others_can_write_in_fails_as_the_server_would_not_start(
    folder: Path,
) -> None:
    folder.chmod(0o770)

    assert verdicts(folder, "data folder") == [Verdict.FAIL]


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("chat.db", 0o644),
        ("search.db", 0o644),
        ("tls.key", 0o640),
        ("admin.sock", 0o666),
        ("", 0o755),
    ],
)
def test_files_that_other_users_can_open_are_a_warning(folder: Path, name: str, mode: int) -> None:
    (folder / name).touch() if name else None
    (folder / name).chmod(mode)

    (finding,) = findings(folder, "permissions")

    assert finding.verdict is Verdict.WARN
    assert f"{mode:04o}" in finding.sentence


def test_public_files_are_no_warning(folder: Path) -> None:
    (folder / "tls.crt").touch(0o644)
    (folder / "lock").touch(0o644)

    assert findings(folder, "permissions") == []


def test_a_damaged_database_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "chat.db").write_bytes(b"garbage" * 1_000)

    assert check(Config(data=folder, listen=("tcp://127.0.0.1:0",))) == 1
    assert "fail  database" in capsys.readouterr().out


def test_an_older_database_is_a_warning(folder: Path) -> None:
    with open_store(folder / "chat.db") as store:
        store._db.pragma("user_version", VERSION - 1)

    (finding,) = findings(folder, "database")

    assert finding.verdict is Verdict.WARN
    assert f"upgrades it to {len(MIGRATIONS)}" in finding.sentence


def test_a_log_that_a_reader_lets_grow_is_reported_with_the_programs(folder: Path) -> None:
    with open_store(folder / "chat.db"):
        with (folder / "chat.db-wal").open("ab") as log:
            log.truncate(64 * 1024**2)
        found = findings(folder, "database")

    assert [finding.verdict for finding in found] == [Verdict.OK, Verdict.WARN]
    assert "chat.db-wal has grown to 64 MiB" in found[1].sentence


def test_a_search_index_is_up_to_date_or_behind_or_rebuilt(folder: Path) -> None:
    with (
        open_store(folder / "chat.db") as store,
        closing(apsw.Connection(str(folder / "search.db"), flags=indexing.FLAGS)) as index,
    ):
        ada = store.add_account("ada", "Ada", "", 1)
        indexing.prepare(index, folder / "chat.db")
        seen = [findings(folder, "search index")]
        store.append([Draft(1, ada.id, "soup", "n")], 5)
        seen.append(findings(folder, "search index"))
        index.pragma("user_version", 99)
        seen.append(findings(folder, "search index"))
    (folder / "search.db").write_bytes(b"garbage" * 1_000)
    seen.append(findings(folder, "search index"))

    assert [(finding.verdict, finding.sentence.split()[0]) for (finding,) in seen] == [
        (Verdict.OK, "up"),
        (Verdict.OK, "1"),
        (Verdict.WARN, f"{folder / 'search.db'}"),
        (Verdict.WARN, f"{folder / 'search.db'}"),
    ]


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("begin", "end", "verdict"),
    [
        (-DAY, 100 * DAY, Verdict.OK),
        (-DAY, 13 * DAY, Verdict.WARN),
        (-2 * DAY, -DAY, Verdict.FAIL),
        (DAY, 100 * DAY, Verdict.FAIL),
    ],
    ids=["good", "ends-soon", "over", "not-yet"],
)
def test_a_certificate_is_checked_by_its_dates(
    folder: Path, begin: timedelta, end: timedelta, verdict: Verdict
) -> None:
    certificate(folder / "tls.crt", begin, end)

    assert verdicts(folder, "certificate") == [verdict]


def test_a_certificate_that_is_over_or_ends_soon_gets_its_date_and_what_to_do(
    folder: Path,
) -> None:
    certificate(folder / "tls.crt", -2 * DAY, -DAY)
    (over,) = findings(folder, "certificate")
    certificate(folder / "tls.crt", -DAY, 13 * DAY)
    (soon,) = findings(folder, "certificate")

    yesterday, then = datetime.now(UTC) - DAY, datetime.now(UTC) + 13 * DAY
    assert over.sentence == f"{folder / 'tls.crt'} expired on {yesterday:%F}. Renew it."
    assert soon.sentence == f"{folder / 'tls.crt'} expires on {then:%F}. Renew it."


def test_a_configured_certificate_is_the_one_that_is_checked(folder: Path, tmp_path: Path) -> None:
    certificate(folder / "tls.crt", -DAY, 100 * DAY)
    certificate(tmp_path / "own.crt", -2 * DAY, -DAY)
    config = Config(
        data=folder,
        listen=("tcp://127.0.0.1:0",),
        tls_cert=tmp_path / "own.crt",
        tls_key=tmp_path / "own.key",
    )

    (finding,) = (finding for finding in run_checks(config) if finding.subject == "certificate")

    assert finding.verdict is Verdict.FAIL
    assert "own.crt" in finding.sentence


@pytest.mark.parametrize(
    ("listen", "verdicts"), [("tls://[::]:7667", [Verdict.WARN]), ("tcp://127.0.0.1:0", [])]
)
def test_one_of_several_machines_without_a_certificate_is_told_where_to_get_it(
    folder: Path, listen: str, verdicts: list[Verdict]
) -> None:
    config = Config(data=folder, listen=(listen,), store="postgresql:///chat?host=/nowhere")

    found = [finding for finding in run_checks(config) if finding.subject == "certificate"]

    assert [finding.verdict for finding in found] == verdicts
    assert not (folder / "tls.crt").exists()


def test_an_unreadable_certificate_fails(folder: Path) -> None:
    (folder / "tls.crt").write_text("garbage")

    (finding,) = findings(folder, "certificate")

    assert finding.verdict is Verdict.FAIL
    assert finding.sentence.endswith(" Restore both from a backup.")


def test_a_configured_certificate_that_is_missing_fails(tmp_path: Path) -> None:
    config = Config(data=tmp_path, tls_cert=tmp_path / "no.crt", tls_key=tmp_path / "no.key")

    (finding,) = (finding for finding in run_checks(config) if finding.subject == "certificate")

    assert finding.verdict is Verdict.FAIL
    assert finding.sentence.endswith("Check --tls-cert and --tls-key.")


@pytest.mark.parametrize(
    ("low", "full", "verdict"),
    [(0, 0, Verdict.OK), (2**62, 0, Verdict.WARN), (2**62, 2**62, Verdict.FAIL)],
)
def test_free_disk_space_is_compared_with_two_thresholds(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    low: int,
    full: int,
    verdict: Verdict,
) -> None:
    monkeypatch.setattr(checking, "_LOW_DISK", low)
    monkeypatch.setattr(checking, "_FULL_DISK", full)

    (finding,) = findings(folder, "free disk")

    assert finding.verdict is verdict
    advised = finding.sentence.endswith("Free some space or move the data folder.")
    assert advised is (verdict is not Verdict.OK)


def test_more_connections_than_open_files_are_a_warning(folder: Path) -> None:
    assert verdicts(folder, "file limit", Limits(connections=1)) == [Verdict.OK]
    assert verdicts(folder, "file limit", Limits(connections=10**12)) == [Verdict.WARN]


def test_a_part_that_failed_is_a_warning_and_one_that_does_not_run_a_failure() -> None:
    again = part_finding("search", "yes", "1", "PermissionError")
    still = part_finding("journal", "no", "3", "MemoryError")

    assert (again.verdict, still.verdict) == (Verdict.WARN, Verdict.FAIL)
    assert again.sentence == (
        "the search service failed once since the start (last: PermissionError). "
        "It is running again; see the log."
    )
    assert still.sentence == (
        "the journal service failed 3 times since the start (last: MemoryError). "
        "It has not restarted; see the log."
    )


def test_a_certificate_whose_key_is_another_fails(folder: Path) -> None:
    certificate(folder / "tls.crt", -DAY, 100 * DAY)
    certificate(folder / "other.crt", -DAY, 100 * DAY)
    (folder / "other.key").rename(folder / "tls.key")

    (finding,) = findings(folder, "certificate")

    assert finding.verdict is Verdict.FAIL
    assert finding.sentence.endswith(
        "are not a matching certificate and key. Restore both from a backup."
    )
