"""What an operator does, with the installed command, beside a server that is running."""

import hashlib
import json
import re
import signal
import urllib.request
from contextlib import closing
from pathlib import Path

import apsw
import pytest
import trio

from chat_server.store.sqlite.schema import MIGRATIONS, VERSION
from chat_shared import messages as m
from chat_shared.errors import Code
from support.peer import PASSWORD
from support.server_process import Finished, run, running

_CODE = re.compile(r"[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}\n")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


async def admin(data: Path, *arguments: str) -> Finished:
    return await run("admin", *arguments, "--data", data)


async def granted(data: Path, *arguments: str) -> str:
    """Return what the admin command says on stdout, having done what was asked."""
    done = await admin(data, *arguments)
    assert done.code == 0, done.err
    return done.out


async def test_accounts_are_listed_reset_locked_and_deleted(data: Path) -> None:
    async with running(data) as server:
        ada = await server.connect()
        await ada.register("Ada")

        listed = await granted(data, "accounts", "list")
        reset = await granted(data, "accounts", "reset-password", "ada")
        await ada.expect(m.Bye)
        locked = await granted(data, "accounts", "lock", "Ada")
        again = await server.connect()
        shut_out = await again.code(m.Login("Ada", reset.strip(), id=1))
        await granted(data, "accounts", "unlock", "Ada")
        await again.log_in("Ada", reset.strip())
        await granted(data, "accounts", "delete", "Ada")
        await again.expect(m.Bye)

    assert re.search(r"^Ada +\d{4}-\d\d-\d\d +1 +1 +online$", listed, re.MULTILINE)
    assert _CODE.fullmatch(reset)  # the secret alone, for a script to take
    assert locked == "Ada is locked; 0 sessions ended.\n"
    assert shut_out == Code.FORBIDDEN


async def test_rooms_sessions_and_everybody(data: Path) -> None:
    async with running(data) as server:
        ada, ben = await server.connect(), await server.connect()
        await ada.register("Ada")
        await ben.register("Ben")
        await ada.create("kitchen")

        password = await granted(data, "rooms", "new-password", "kitchen")
        await ben.join("kitchen", password.strip())
        kept = await granted(data, "rooms", "keep", "kitchen", "90d")
        given = await granted(data, "rooms", "owner", "kitchen", "Ben")
        changed = await ada.expect(m.Changed)
        rooms = await granted(data, "rooms", "list")
        await granted(data, "notice", "Back in five minutes.")
        notices = [await peer.expect(m.Notice) for peer in (ada, ben)]
        sessions = await granted(data, "sessions", "list")
        stats = await granted(data, "stats")
        await granted(data, "rooms", "delete", "kitchen")
        await ben.expect(m.Left)
        await granted(data, "sessions", "drop", "Ben")
        await ben.expect(m.Bye)

    assert kept == "kitchen keeps its messages: 90d.\n"
    assert given == "kitchen belongs to Ben now, who is a member of it.\n"
    assert changed == m.Changed("kitchen", "", "Ben")
    assert re.search(r"^kitchen +Ben +2 +0 +90d$", rooms, re.MULTILINE)
    assert notices == [m.Notice("Back in five minutes.")] * 2
    assert re.search(r"^Ben +127\.0\.0\.1 +0:00:\d\d$", sessions, re.MULTILINE)
    assert re.search(r"^accounts online +2$", stats, re.MULTILINE)


async def test_an_invitation_lets_one_person_in(data: Path) -> None:
    async with running(data, "--registration", "invite") as server:
        code = (await granted(data, "invite", "--days", "2")).strip()
        ada, ben = await server.connect(), await server.connect()
        await ada.grant(m.Register("Ada", PASSWORD, code, id=1), m.Welcome)
        refused = await ben.code(m.Register("Ben", PASSWORD, code, id=1))

    assert refused == Code.REGISTRATION_CLOSED


async def test_the_socket_is_its_owners_alone(data: Path) -> None:
    async with running(data):
        mode = (data / "admin.sock").stat().st_mode

    assert mode & 0o777 == 0o600


async def test_where_no_server_runs_a_sentence_says_so(data: Path) -> None:
    never = await admin(data, "stats")
    async with running(data):
        pass
    left = (data / "admin.sock").exists()
    no_more = await admin(data, "stats")

    assert not left

    for done in never, no_more:
        assert (done.code, done.out) == (1, "")
        assert done.err == (
            f"chat-server: No chat-server runs on the data folder {data}. "
            "Name the right one with --data.\n"
        )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["accounts", "lock", "Nemo"], "There is no account called Nemo."),
        (["rooms", "delete", "general"], "The general room stays."),
        (["rooms", "keep", "general", "9y"], "'9y' is no time to keep messages."),
        (["invite", "--days", "0"], "An invitation is good for 1 to 365 days."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
async def test_what_cannot_be_done_is_one_sentence(
    data: Path, arguments: list[str], sentence: str
) -> None:
    async with running(data):
        done = await admin(data, *arguments)

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"chat-server: {sentence}")
    assert done.err.count("\n") == 1


async def test_a_command_that_there_is_not_is_a_mistake_in_the_arguments(data: Path) -> None:
    assert (await admin(data, "accounts", "frobnicate")).code == 2
    assert (await run("frobnicate")).code == 2


async def test_the_data_folder_may_stand_in_the_file_or_the_environment(
    data: Path, tmp_path: Path
) -> None:
    file = tmp_path / "chat.toml"
    file.write_text(f'data = "{data}"\nname = "Not an account"\nkeep = "90d"\n')

    async with running(data):
        by_file = await run("admin", "rooms", "list", "--config", file)
        by_environment = await run(
            "admin", "rooms", "list", environment={"CHAT_DATA": str(data), "CHAT_NAME": "x"}
        )

    assert by_file == by_environment
    assert "general" in by_file.out


async def test_a_backup_of_a_running_server_is_a_server(data: Path, tmp_path: Path) -> None:
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


async def test_the_old_chats_people_log_in_with_their_passwords(data: Path, tmp_path: Path) -> None:
    digest = hashlib.sha1(b"swordfish", usedforsecurity=False).hexdigest()
    origin = tmp_path / "old.json"
    origin.write_text(
        json.dumps({"users": {"Ada": digest, "Ben": "?"}, "rooms": {"attic": "Dust"}})
    )

    first = await run("import", origin, "--data", data)
    second = await run("import", origin, "--data", data)
    async with running(data) as server:
        while_running = await run("import", origin, "--data", data)
        ada = await server.connect()
        await ada.log_in("ada", "swordfish")
        await ada.join("attic", "dust")
        await (await server.connect()).log_in("Ada", "swordfish")

    assert first.out.splitlines() == [
        "skipped account 'Ben': its password is no SHA-1 in hexadecimal",
        "taken over: accounts 1, rooms 1",
    ]
    assert second.out.splitlines()[-1] == "taken over: accounts 0, rooms 0"
    assert while_running.code == 3
    assert "Another chat-server uses the data folder" in while_running.err
    with closing(apsw.Connection(str(data / "chat.db"))) as db:
        kept = db.execute("SELECT password FROM account").get
    assert str(kept).startswith("$argon2id$")  # since the first log-in


async def test_check_says_what_is_wrong_and_its_code_does_too(data: Path, tmp_path: Path) -> None:
    async with running(data):
        well = await run("check", "--data", data)
    (data / "chat.db").write_bytes(b"garbage" * 1_000)
    badly = await run("check", "--data", data)
    file = tmp_path / "chat.toml"
    file.write_text("prot = 1\n")
    mistaken = await run("check", "--config", file)

    assert well.code == 0, well.out
    assert f"sound; version {VERSION}" in well.out
    assert badly.code == 1
    assert re.search(r"^fail +database", badly.out, re.MULTILINE)
    assert (mistaken.code, mistaken.out) == (2, "")
    assert "prot" in mistaken.err


async def test_prometheus_reads_the_figures(data: Path) -> None:
    flags = ("--metrics", "tcp://127.0.0.1:0", "--log-format", "json")
    async with running(data, *flags) as server:
        ada = await server.connect()
        await ada.register("Ada")
        lines = map(json.loads, server.log().splitlines())
        (address,) = next(line["addresses"] for line in lines if line["event"] == "metrics")
        url = address.replace("tcp", "http") + "/metrics"
        text = await trio.to_thread.run_sync(_fetch, url)

    assert "trialogue_accounts_online 1.0\n" in text


def _fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


async def test_without_the_extra_a_sentence_says_what_to_install(
    data: Path, tmp_path: Path
) -> None:
    (tmp_path / "prometheus_client.py").write_text("raise ImportError")

    done = await run(
        "--data", data, "--listen", "tcp://127.0.0.1:0", "--metrics", "tcp://127.0.0.1:0",
        environment={"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip

    assert done.code == 1
    assert done.err == (
        "chat-server: For --metrics more must be installed: pip install 'trialogue[metrics]'.\n"
    )


async def test_systemd_hears_that_we_are_ready_alive_and_leaving(
    data: Path, tmp_path: Path
) -> None:
    with trio.socket.socket(trio.socket.AF_UNIX, trio.socket.SOCK_DGRAM) as notified:
        await notified.bind(str(tmp_path / "notify"))
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
        async with running(data, environment=environment) as server:
            heard = [await notified.recv(100) for _ in range(4)]
            server.process.send_signal(signal.SIGTERM)
            code = await server.process.wait()
        with trio.fail_after(10):
            while heard[-1] != b"STOPPING=1":
                heard.append(await notified.recv(100))

    assert code == 0
    assert heard.count(b"READY=1") == 1
    assert heard.count(b"WATCHDOG=1") >= 2


async def test_a_database_of_the_first_version_is_brought_up_to_date_after_a_backup(
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


async def test_old_messages_go_and_who_missed_them_is_told(data: Path) -> None:
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
    """Make a data folder as version 1 left it: Ada, her token `t`, and one old message."""
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
