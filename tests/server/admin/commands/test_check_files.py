"""`chat-server check` finds files whose content is missing, damaged or of no message."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chat_server.admin.commands.check import run_checks
from chat_server.admin.commands.check_content import examine
from chat_server.admin.commands.check_files import check_files
from chat_server.admin.commands.findings import Finding, Verdict
from chat_server.cli import run_command
from chat_server.config import Config
from chat_server.files.folder import FolderBlobs
from chat_server.store.api import Store
from chat_server.store.sqlite.offline import open_store, read_store
from chat_server.store.sqlite.store import SqliteStore
from support.posts import change
from support.stored_files import begin, post_content, put_whole, sweep


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def store(folder: Path) -> Iterator[SqliteStore]:
    """An open store, like that of a running server, with an account whose id is 1."""
    with open_store(folder / "chat.db") as store:
        store.add_account("ada", "Ada", "hash", 1)
        yield store


def findings(folder: Path, *, read: bool = False) -> list[tuple[Verdict, str]]:
    found = check_files(folder / "files", folder / "chat.db", (lambda _: None) if read else None)
    return [(finding.verdict, finding.sentence) for finding in found]


def path_of(folder: Path, key: str) -> Path:
    return FolderBlobs(folder / "files").path(key)


def test_whole_files_are_counted_by_their_content(store: SqliteStore, folder: Path) -> None:
    assert findings(folder) == [(Verdict.OK, "none yet")]
    post_content(store, folder, 1, b"x" * 2**20, b"y" * 2**19)
    post_content(store, folder, 1, b"y" * 2**19)
    put_whole(store, folder, 1, b"z" * 2**19, "not posted yet")
    begin(store, 1, "half")
    sweep(store, folder)

    assert findings(folder) == [(Verdict.OK, "3 files, 2.0 MiB; none missing")]
    assert findings(folder, read=True) == [
        (Verdict.OK, "3 files, 2.0 MiB; every byte is as it was uploaded")
    ]


def test_missing_and_damaged_files_fail_and_are_named(store: SqliteStore, folder: Path) -> None:
    keys = post_content(store, folder, 1, b"one", b"two", b"three", b"four")
    path_of(folder, keys[0]).unlink()
    path_of(folder, keys[1]).unlink()
    path_of(folder, keys[2]).write_bytes(b"thre")

    (missing, damaged) = findings(folder)
    first, second = sorted(keys[:2])
    named = {keys[0]: "0.txt of message 1 in general", keys[1]: "1.txt of message 1 in general"}
    assert missing == (
        Verdict.FAIL,
        (
            f"2 files are missing, such as {path_of(folder, first)} "
            f"({named[first]}; {named[second]}). Copy what you can from a backup. "
            "What people send again is mended in every message."
        ),
    )
    assert damaged == (
        Verdict.FAIL,
        (
            f"1 file is damaged, such as {path_of(folder, keys[2])} (2.txt of message 1 in "
            "general). Copy what you can from a backup. What you delete and people send again is "
            "mended in every message."
        ),
    )


def test_only_reading_them_finds_bytes_that_have_changed(store: SqliteStore, folder: Path) -> None:
    _, key = post_content(store, folder, 1, b"one", b"two")
    path_of(folder, key).write_bytes(b"tvo")

    assert [verdict for verdict, _ in findings(folder)] == [Verdict.OK]
    ((verdict, sentence),) = findings(folder, read=True)
    assert verdict is Verdict.FAIL
    assert f"1 file is damaged, such as {path_of(folder, key)}" in sentence


def test_what_belongs_to_no_message_is_a_warning_unless_it_is_soon_removed(
    store: SqliteStore, folder: Path
) -> None:
    gone, kept = (post_content(store, folder, 1, content) for content in (b"x" * 2**20, b"two"))
    ada = store.account("ada")
    assert ada
    change(store, ada, "delete", 1)
    half = begin(store, 1, "just stored, and not marked as whole yet")
    just_stored = path_of(folder, f"{half.digest.hex()}.{half.id}")
    just_stored.parent.mkdir(exist_ok=True, parents=True)
    just_stored.write_bytes(b"half")

    assert findings(folder) == [
        (Verdict.OK, "1 file, 0.0 MiB; none missing"),
        (
            Verdict.OK,
            (
                "1 file, 1.0 MiB, that no message needs any more; "
                "the server removes what is not needed within a minute"
            ),
        ),
    ]
    store.forget_blobs(gone)
    left = path_of(folder, gone[0])
    sentence = (
        f"1 file, 1.0 MiB, in {folder / 'files'} of no message, such as {left}. The server removes "
        "only what it knows of: if the database is the right one, delete them."
    )
    assert findings(folder) == [(Verdict.WARN, sentence)]
    assert path_of(folder, kept[0]).exists()


@pytest.mark.parametrize("read", [False, True])
@pytest.mark.parametrize("moment", [1, 2])
def test_files_posted_and_deleted_during_the_check_are_no_failures(
    store: SqliteStore, folder: Path, moment: int, read: bool
) -> None:
    post_content(store, folder, 1, b"deleted meanwhile")
    ada = store.account("ada")
    assert ada
    opened = 0

    @contextmanager
    def read_moment() -> Iterator[Store]:
        nonlocal opened
        opened += 1
        if opened == moment:
            change(store, ada, "delete", 1)
            sweep(store, folder)
            post_content(store, folder, 1, b"posted meanwhile")
        with read_store(folder / "chat.db") as now:
            yield now

    content = examine(
        FolderBlobs(folder / "files"), read_moment, (lambda _: None) if read else None
    )
    assert (content.missing.keys, content.damaged.keys, content.strays) == ([], [], {})
    assert opened == 2


def test_the_command_checks_files_and_reads_them_if_it_is_told_to(
    store: SqliteStore, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (key,) = post_content(store, folder, 1, b"soup")
    path_of(folder, key).write_bytes(b"soap")
    command = ["check", "--data", f"{folder}", "--listen", "tcp://127.0.0.1:0"]

    assert run_command(command) == 0
    assert run_command([*command, "--files"]) == 1
    assert "fail  files         1 file is damaged" in capsys.readouterr().out


def test_a_database_that_cannot_be_read_is_not_compared(folder: Path) -> None:
    (folder / "chat.db").write_bytes(b"no database at all" * 1_000)
    config = Config(data=folder, listen=("tcp://127.0.0.1:0",))

    found: list[Finding] = [each for each in run_checks(config) if each.subject == "files"]
    assert [str(finding) for finding in found] == [
        f"ok    files         {folder / 'files'} is not compared with the database"
    ]
