"""A room that is exported has every message under its number, and every file."""

from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from chat_server.admin.commands.export import export
from chat_server.cli import run_command
from chat_server.data_folder import FILES
from chat_server.errors import StartError, UnusableStoreError
from chat_server.files.bucket import BucketBlobs
from chat_server.files.folder import FolderBlobs
from chat_server.store.api import GENERAL_ROOM, Draft, Store
from chat_server.store.postgresql.connection import PostgresqlConnection
from chat_server.store.postgresql.database import connect, migrate
from chat_server.store.sqlite.offline import open_store
from chat_shared.names import fold
from support.bucket import bucket_service
from support.full_disk import files_of_at_most
from support.postgresql import empty_database
from support.stored_files import blobs_in, post_content


def fill(store: Store) -> int:
    """Post to general: three messages, an edit, a deletion and a reaction. Return the author."""
    ada = store.add_account("ada", "Ada", "hash", 1).id
    drafts = [Draft(GENERAL_ROOM, ada, text, text) for text in ("one", "two", "three")]
    changes = [
        Draft(GENERAL_ROOM, ada, "two, better", "e", change="edit", of=2),
        Draft(GENERAL_ROOM, ada, "", "d", change="delete", of=3),
        Draft(GENERAL_ROOM, ada, "👍", "r", change="react", of=1),
    ]
    store.append([*drafts, *changes], 1_764_408_600_000)
    return ada


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of a server with messages, one of which has two files."""
    data = tmp_path / "data"
    data.mkdir()
    with open_store(data / "chat.db") as store:
        post_content(store, data, fill(store), b"first", b"second" * 300_000)
    return data


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


def test_every_number_is_a_line_for_programs(
    data: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export("General", as_="jsonl", data=data) == 0

    head, *lines = (here / "General" / "messages.jsonl").read_text().splitlines()
    assert msgspec.json.decode(head)["room"] == "general"
    messages = [msgspec.json.decode(line) for line in lines]
    assert [message["seq"] for message in messages] == [*range(1, 8)]
    assert [message["text"] for message in messages] == ["one", "two, better", *[""] * 5]
    assert [message.get("change", "") for message in messages[3:6]] == ["edit", "delete", "react"]
    assert capsys.readouterr().out == "General: messages up to #7, 2 files\n"
    first, second = messages[6]["files"]
    assert (here / "General" / first["path"]).read_bytes() == b"first"
    assert (here / "General" / second["path"]).read_bytes() == b"second" * 300_000


@pytest.mark.parametrize(("kind", "suffix"), [("html", ".html"), ("markdown", ".md")])
def test_people_read_what_is_there_now(data: Path, here: Path, kind: str, suffix: str) -> None:
    assert run_command(["export", "general", "--as", kind, "--to", "x", "--data", f"{data}"]) == 0

    page = (here / "x" / f"messages{suffix}").read_text()
    assert "two, better" in page
    assert "three" not in page
    assert "message deleted" in page
    assert "👍" in page
    assert "#7" in page
    assert len(list((here / "x").rglob("*-*/*"))) == 2


def test_without_files_they_are_named(data: Path, here: Path) -> None:
    assert export("general", data=data, no_files=True) == 0

    assert [path.name for path in (here / "general").iterdir()] == ["messages.html"]


def test_nothing_is_overwritten_and_nothing_stays_of_what_failed(data: Path, here: Path) -> None:
    (here / "general").mkdir()
    with pytest.raises(StartError, match="general already exists"):
        export("general", data=data)
    with pytest.raises(StartError, match="There is no room cellar"):
        export("cellar", data=data)
    with pytest.raises(StartError, match="There is no database"):
        export("other", data=here)
    assert [path.name for path in here.iterdir()] == ["general"]


def test_two_exports_to_one_folder_do_not_mix(
    data: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = list[str]()

    def export_again(share: float) -> None:
        if share < 1:
            with pytest.raises(StartError) as refused:
                export("general", as_="markdown", data=data)
            refusals.append(f"{refused.value}")

    monkeypatch.setattr("chat_server.admin.commands.export.report_share", export_again)

    assert export("general", as_="jsonl", data=data) == 0

    assert set(refusals) == {"general.unfinished is being written by another command."}
    assert sorted(path.name for path in (here / "general").iterdir()) == ["files", "messages.jsonl"]


def test_a_full_disk_is_told_and_leaves_nothing(data: Path, here: Path) -> None:
    with files_of_at_most(1_000_000), pytest.raises(StartError, match="File too large"):
        export("general", data=data)

    assert [*here.iterdir()] == []


def test_direct_messages_are_exported_by_their_name_in_the_list_of_rooms(
    data: Path, here: Path
) -> None:
    with open_store(data / "chat.db") as store:
        ben = store.add_account("ben", "Ben", "hash", 1).id
        room = store.open_direct(1, ben, 1)
        store.append([Draft(room.id, ben, "hello", "n")], 1_764_408_600_000)

    assert export("@1-2", as_="jsonl", data=data) == 0

    head, line = (here / "@1-2" / "messages.jsonl").read_text().splitlines()
    assert msgspec.json.decode(head)["room"] == "@1-2 (Ada and Ben)"
    assert msgspec.json.decode(line)["text"] == "hello"


@pytest.mark.parametrize("name", ["../up", ".", "a/b <i>", "\u202eroom", "CON", "x" * 300])
def test_a_room_with_any_name_gets_a_folder_here(data: Path, here: Path, name: str) -> None:
    with open_store(data / "chat.db") as store:
        store.add_room(fold(name), name, 1, "hash", at=1)

    assert export(name, data=data) == 0

    (folder,) = here.iterdir()
    assert folder.parent == here
    assert [path.name for path in folder.iterdir()] == ["messages.html"]


def test_what_a_server_has_lost_is_counted_and_the_rest_is_exported(
    data: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    FolderBlobs(data / FILES).path(next(iter(blobs_in(data)))).unlink()

    assert export("general", data=data) == 1

    assert "1 file missing; see chat-server check" in capsys.readouterr().out
    assert len(list((here / "general").rglob("*-*/*"))) == 1


def test_a_database_of_another_version_is_not_guessed_at(data: Path) -> None:
    (data / "chat.db").unlink()
    with open_store(data / "chat.db") as store:
        store._db.pragma("user_version", 3)

    with pytest.raises(UnusableStoreError, match="another version"):
        export("general", data=data)


def test_a_room_in_postgresql_is_exported_too(here: Path, tmp_path: Path) -> None:
    with empty_database() as url:
        db = connect(url)
        migrate(db)
        with closing(PostgresqlConnection(db)) as connection:
            connection.write(fill)

        assert export("general", as_="jsonl", store=url, data=tmp_path) == 0

    lines = (here / "general" / "messages.jsonl").read_text().splitlines()
    assert len(lines) == 7


def test_files_in_a_bucket_are_exported_too(data: Path, here: Path) -> None:
    with bucket_service() as service:
        address = service.new_bucket("chat/")
        bucket = BucketBlobs(address, service.endpoint, most_blocks=1)
        folder = FolderBlobs(data / "files")
        for key in list(dict(folder.sizes())):
            bucket.put(key, folder.path(key))
        where = f"{address}"

        assert export("general", as_="jsonl", data=data) == 1  # not in the folder any more
        (here / "general").rename(here / "before")
        endpoint = service.endpoint
        assert export("general", data=data, bucket=where, bucket_endpoint=endpoint) == 0

    contents = sorted(path.read_bytes() for path in (here / "general").rglob("*.txt"))
    assert contents == [b"first", b"second" * 300_000]
