"""What an operator does with the data: backups, imports, other versions, old messages."""

import hashlib
import json
from contextlib import closing
from pathlib import Path

import apsw
import pytest
import trio

from chat_server.store.sqlite.offline import open_store
from chat_server.store.sqlite.schema import MIGRATIONS, VERSION
from chat_shared import messages as m
from support.server_process import run, running


async def test_a_server_starts_on_the_backup_of_a_running_server(
    data: Path, tmp_path: Path
) -> None:
    backup, restored = tmp_path / "backup.db", tmp_path / "restored"
    async with running(data) as server:
        ada = await server.connect()
        await ada.register("Ada")
        password = await ada.create("kitchen")
        for number in range(5):
            await ada.post(f"line {number}", room="kitchen")
        done = await run("backup", backup, "--data", data)
        await ada.post("too late", room="kitchen")
        again = await run("backup", backup, "--data", data)

    restored.mkdir(mode=0o700)
    backup.rename(restored / "chat.db")
    async with running(restored) as server:
        back, ben = await server.connect(), await server.connect()
        await back.resume(ada.token)
        page = await back.history("kitchen")
        accepted = await back.post("goes on", room="kitchen", nonce="after")
        await ben.register("Ben")
        await ben.join("kitchen", password)

    assert (done.code, done.err) == (0, "")  # progress is for terminals only
    assert again.code == 1
    assert [line.text for line in page.messages] == [f"line {number}" for number in range(5)]
    assert accepted.seq == 6


async def test_imported_users_log_in_with_their_old_passwords(data: Path, tmp_path: Path) -> None:
    digest = hashlib.sha1(b"swordfish", usedforsecurity=False).hexdigest()
    legacy = tmp_path / "old.json"
    legacy.write_text(
        json.dumps({"users": {"Ada": digest, "Ben": "?"}, "rooms": {"attic": "Dust"}})
    )

    first = await run("import", legacy, "--data", data)
    second = await run("import", legacy, "--data", data)
    async with running(data) as server:
        while_running = await run("import", legacy, "--data", data)
        ada = await server.connect()
        await ada.log_in("ada", "swordfish")
        await ada.join("attic", "dust")
        await (await server.connect()).log_in("Ada", "swordfish")

    assert first.out.splitlines() == [
        "skipped account 'Ben': its password is not a hexadecimal SHA-1",
        "imported 1 account, 1 room",
    ]
    assert second.out.splitlines()[-1] == "imported 0 accounts, 0 rooms"
    assert while_running.code == 3
    assert "Another chat-server is using the data folder" in while_running.err
    with closing(apsw.Connection(str(data / "chat.db"))) as db:
        kept = db.execute("SELECT password FROM account").get
    assert str(kept).startswith("$argon2id$")  # rehashed at the first log-in


async def test_a_database_of_the_first_version_is_migrated_after_a_backup(
    data: Path,
) -> None:
    _make_first_version(data)

    async with running(data) as server:
        ada = await server.connect()
        await ada.resume("t")
        page = await ada.history()
        accepted = await ada.post("from this one")

    backup = data / "chat.db.v1"
    assert [line.text for line in page.messages] == ["from the first version"]
    assert accepted.seq == 2
    assert backup.stat().st_mode & 0o777 == 0o600
    with closing(apsw.Connection(str(backup))) as db:
        assert db.pragma("user_version") == 1
        assert db.execute("SELECT text FROM message").get == "from the first version"


async def test_old_messages_are_removed_and_a_gap_is_reported(data: Path) -> None:
    _make_first_version(data)

    async with running(data, "--keep", "12h", "--limits.requests", "1000000") as server:
        ada = await server.connect()
        await ada.resume("t")
        with trio.fail_after(20):
            while (await ada.history()).messages:
                await trio.lowlevel.checkpoint()
        back = await server.connect()
        await back.resume("t", seen={"general": 0})
        gap = await back.expect(m.Gap)
        accepted = await back.post("fresh")

    assert gap == m.Gap("general", after=0, before=2)
    assert accepted.seq == 2


def _make_first_version(data: Path) -> None:
    """Create a data folder of version 1: Ada, her token `t`, and one old message."""
    _make_folder(data)
    with closing(apsw.Connection(str(data / "chat.db"))) as db:
        for _ in db.execute(MIGRATIONS[0]):
            pass
        digest = hashlib.sha256(b"t").digest()
        db.execute("INSERT INTO account VALUES (1, 'ada', 'Ada', '', 1)")
        db.execute("INSERT INTO token (digest, account, created) VALUES (?, 1, 1)", (digest,))
        db.execute("INSERT INTO member VALUES (1, 1, 1)")
        db.execute("INSERT INTO message VALUES (1, 1, 1, 1, 1, 'nonce', 'from the first version')")
        db.execute("UPDATE room SET last_seq = 1")
        db.pragma("user_version", 1)


def _make_folder(data: Path) -> None:
    data.mkdir(mode=0o700)


@pytest.mark.parametrize("damage", ["cut off", "a page of zeros"])
async def test_a_damaged_database_is_refused_in_one_sentence_and_left_alone(
    data: Path, damage: str
) -> None:
    _make_folder(data)
    path = data / "chat.db"
    with open_store(path) as store:
        page = store._db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'room'").get
    content = path.read_bytes()
    start = (page - 1) * 4_096
    zeros = content[:start] + bytes(4_096) + content[start + 4_096 :]
    spoilt = content[:20_000] if damage == "cut off" else zeros
    path.write_bytes(spoilt)

    done = await run("--data", data, "--listen", "tcp://127.0.0.1:0")

    assert done.code == 1
    assert done.err.startswith(f"chat-server: {path} ")
    assert done.err.count("\n") == 1
    assert path.read_bytes() == spoilt


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(data: Path) -> None:
    _make_folder(data)
    with closing(apsw.Connection(str(data / "chat.db"))) as db:
        db.pragma("user_version", VERSION + 1)

    done = await run("--data", data, "--listen", "tcp://127.0.0.1:0")

    assert done.code == 1
    assert "was written by a newer chat-server" in done.err
    assert done.err.count("\n") == 1
    with closing(apsw.Connection(str(data / "chat.db"))) as db:
        assert db.pragma("user_version") == VERSION + 1
        assert db.execute("SELECT count(*) FROM sqlite_schema").get == 0
