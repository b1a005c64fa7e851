"""The backup of a server whose files are in a bucket has them, and restore puts them back."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from chat_server.addresses import BucketAddress
from chat_server.admin.commands import backup
from chat_server.admin.commands.backup import back_up
from chat_server.admin.commands.check import run_checks
from chat_server.admin.commands.findings import Verdict
from chat_server.admin.commands.restore import restore
from chat_server.config import Config
from chat_server.data_folder import FILES
from chat_server.errors import StartError
from chat_server.files.bucket import BucketBlobs
from chat_server.files.folder import FolderBlobs
from chat_server.files.read_ahead import BLOCK
from chat_server.store.sqlite.offline import open_store
from chat_server.store.sqlite.store import SqliteStore
from support.bucket import BucketService, bucket_service
from support.full_disk import files_of_at_most
from support.posts import change
from support.stored_files import blobs_in, post_content

_LARGE = b"x" * (BLOCK + 1)


@pytest.fixture(scope="module")
def service() -> Iterator[BucketService]:
    with bucket_service() as service:
        yield service


class _Server:
    """The data folder and the bucket of a server that runs."""

    def __init__(self, data: Path, store: SqliteStore, service: BucketService) -> None:
        self.data = data
        self.store = store
        self.address = service.new_bucket("chat/")
        self.endpoint = service.endpoint
        self.blobs = BucketBlobs(self.address, service.endpoint, most_blocks=1)

    def post(self, *contents: bytes) -> list[str]:
        """Post a message with files, and return the keys of their blobs."""
        keys = post_content(self.store, self.data, 1, *contents)
        folder = FolderBlobs(self.data / FILES)
        for key in keys:
            self.blobs.put(key, folder.path(key))
        return keys

    def delete_all(self) -> None:
        """Delete all messages, and what nobody needs then, as a server does."""
        ada = self.store.account("ada")
        assert ada
        for message in self.store.messages_after(1, 0, 100):
            if message.files:
                change(self.store, ada, "delete", message.seq)
        keys = self.store.unneeded_blobs(100)
        for key in keys:
            self.blobs.remove(key)
        self.store.forget_blobs(keys)

    def back_up(self, file: Path) -> int:
        return back_up(
            file, data=self.data, bucket=f"{self.address}", bucket_endpoint=self.endpoint
        )


@pytest.fixture
def server(service: BucketService, tmp_path: Path) -> Iterator[_Server]:
    (tmp_path / "data").mkdir()
    with open_store(tmp_path / "data" / "chat.db") as store:
        store.add_account("ada", "Ada", "hash", 1)
        yield _Server(tmp_path / "data", store, service)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "backup.db"


def _contents_of(file: Path) -> dict[str, bytes]:
    """Return what is in a backup: exactly what its database names."""
    found = FolderBlobs(file.with_name(f"{file.name}.files"))
    contents = {key: found.path(key).read_bytes() for key, _ in found.sizes()}
    with open_store(file) as store:
        named = {key: digest for key, _, digest in store.blobs("", 100)}
    assert {key: sha256(content).digest() for key, content in contents.items()} == named
    return contents


def _objects(service: BucketService, address: BucketAddress) -> dict[str, bytes]:
    found = service.objects(address)
    return {key.removeprefix(address.prefix): content for key, content in found.items()}


def test_it_has_all_files_and_they_can_be_restored_into_a_bucket_or_a_folder(
    server: _Server,
    service: BucketService,
    file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    keys = server.post(b"soup", b"", _LARGE) + server.post(b"bread")
    contents = dict(zip(keys, (b"soup", b"", _LARGE, b"bread"), strict=True))

    assert server.back_up(file) == 0
    assert f"{file}.files: 4 files, {BLOCK + 10:,} bytes\n" in capsys.readouterr().out
    assert _contents_of(file) == contents
    assert sorted(path.name for path in file.parent.iterdir()) == ["backup.db", "backup.db.files"]

    new = service.new_bucket()
    config = Config(data=tmp_path / "new", bucket=f"{new}", bucket_endpoint=service.endpoint)
    assert restore(file, data=config.data, bucket=f"{new}", bucket_endpoint=service.endpoint) == 0
    assert f"{new}: 4 files, {BLOCK + 10:,} bytes\n" in capsys.readouterr().out
    assert _objects(service, new) == contents
    assert not (config.data / FILES).exists()
    checked = [each for each in run_checks(config, read_files=True) if each.subject == "files"]
    assert [each.verdict for each in checked] == [Verdict.OK] * 2
    assert checked[1].sentence == "4 files, 1.0 MiB; every byte is as it was uploaded"

    assert restore(file, data=tmp_path / "folder") == 0
    assert blobs_in(tmp_path / "folder") == contents
    assert _contents_of(file) == contents  # the backup stays as it was


def test_what_the_bucket_still_has_stays_and_the_rest_is_put_there(
    server: _Server, service: BucketService, file: Path, tmp_path: Path
) -> None:
    lost, damaged, kept = server.post(b"soup", b"bread", b"stew")
    server.back_up(file)
    later = server.post(b"posted later")
    server.blobs.remove(lost)
    service.add(server.address, f"chat/{damaged}")

    where, endpoint = f"{server.address}", service.endpoint
    assert restore(file, data=tmp_path / "new", bucket=where, bucket_endpoint=endpoint) == 0
    assert _objects(service, server.address) == {
        lost: b"soup",
        damaged: b"bread",
        kept: b"stew",
        later[0]: b"posted later",
    }


def test_a_backup_without_files_is_restored_beside_the_bucket_that_has_them(
    server: _Server, service: BucketService, file: Path, tmp_path: Path
) -> None:
    lost, _ = server.post(b"soup", b"bread")
    back_up(file, data=server.data, no_files=True)
    where, endpoint = f"{server.address}", service.endpoint

    assert restore(file, data=tmp_path / "one", bucket=where, bucket_endpoint=endpoint) == 0
    server.blobs.remove(lost)
    assert restore(file, data=tmp_path / "two", bucket=where, bucket_endpoint=endpoint) == 1


def test_what_the_bucket_has_lost_or_changed_is_told(
    server: _Server, service: BucketService, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost, damaged, kept = server.post(b"soup", b"y", b"stew")
    server.blobs.remove(lost)
    service.add(server.address, f"chat/{damaged}")  # an "x"

    assert server.back_up(file) == 1
    assert "2 files missing or damaged; see chat-server check\n" in capsys.readouterr().out
    folder = FolderBlobs(file.with_name("backup.db.files"))
    assert dict(folder.sizes()) == {kept: 4}
    assert [path.name for path in folder.folder.iterdir()] == [kept[:2]]


@pytest.mark.parametrize("at", range(4))
def test_it_is_of_one_moment_whatever_is_posted_and_deleted_meanwhile(
    server: _Server, file: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    server.post(b"soup", b"bread")
    server.post(b"stew")
    reports = 0

    def report(_: float) -> None:
        nonlocal reports
        if reports == at:
            server.post(b"posted meanwhile", b"soup")
            server.delete_all()
            server.post(b"posted at last")
        reports += 1

    monkeypatch.setattr(backup, "report_share", report)
    assert server.back_up(file) == 0
    assert reports > at
    _contents_of(file)


def test_a_bucket_that_is_away_is_named_and_nothing_is_left(
    server: _Server, service: BucketService, file: Path, tmp_path: Path
) -> None:
    server.post(b"soup")
    server.back_up(file)
    with service.stopped():
        with pytest.raises(StartError, match=r"Cannot copy the files from s3://.* Could not conn"):
            server.back_up(file.with_name("another.db"))
        with pytest.raises(StartError, match=r"to s3://.* Could not connect"):
            restore(
                file,
                data=tmp_path / "new",
                bucket=f"{server.address}",
                bucket_endpoint=service.endpoint,
            )

    assert sorted(path.name for path in file.parent.iterdir()) == ["backup.db", "backup.db.files"]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["lock"]


def test_a_full_disk_is_named_and_nothing_is_left(server: _Server, file: Path) -> None:
    server.post(*(f"{number}".encode() * 300_000 for number in range(10)))
    with files_of_at_most(200_000), pytest.raises(StartError, match=r"Cannot copy .*too large"):
        server.back_up(file)

    assert list(file.parent.iterdir()) == []


def test_a_signal_leaves_nothing_although_several_files_are_on_their_way(
    server: _Server, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.post(*(f"{number}".encode() * 300_000 for number in range(10)))
    monkeypatch.setattr(backup, "report_share", lambda _: os.kill(os.getpid(), signal.SIGTERM))

    with pytest.raises(SystemExit) as ended:
        server.back_up(file)
    assert ended.value.code == 128 + signal.SIGTERM
    assert list(file.parent.iterdir()) == []


def test_the_bucket_is_that_of_the_settings(
    server: _Server, file: Path, tmp_path: Path, service: BucketService
) -> None:
    (key,) = server.post(b"soup")
    settings = tmp_path / "server.toml"
    settings.write_text(
        f'data = "{server.data}"\nbucket = "{server.address}"\n'
        f'bucket-endpoint = "{service.endpoint}"\nname = "Kitchen table"\n'
    )

    command = [
        sys.executable,
        "-m",
        "chat_server.cli",
        "backup",
        f"{file}",
        "--config",
        f"{settings}",
    ]
    subprocess.run(command, check=True)
    assert _contents_of(file) == {key: b"soup"}
