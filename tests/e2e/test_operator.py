"""The commands of an operator, installed, beside a running server."""

import json
import os
import re
import signal
import urllib.request
from pathlib import Path

import pytest
import trio

from chat_server.store.sqlite.schema import VERSION
from chat_shared import messages as m
from chat_shared.errors import Code
from support.peer import PASSWORD
from support.server_process import COMMAND, Finished, run, running

_CODE = re.compile(r"[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}\n")


async def admin(data: Path, *arguments: str) -> Finished:
    return await run("admin", *arguments, "--data", data)


async def output_of(data: Path, *arguments: str) -> str:
    """Return the stdout of an admin command that succeeds."""
    done = await admin(data, *arguments)
    assert done.code == 0, done.err
    return done.out


async def test_accounts_are_listed_reset_locked_and_deleted(data: Path) -> None:
    async with running(data) as server:
        ada = await server.connect()
        await ada.register("Ada")

        listed = await output_of(data, "accounts", "list")
        reset = await output_of(data, "accounts", "reset-password", "ada")
        await ada.expect(m.Bye)
        locked = await output_of(data, "accounts", "lock", "Ada")
        again = await server.connect()
        shut_out = await again.code(m.Login("Ada", reset.strip(), id=1))
        await output_of(data, "accounts", "unlock", "Ada")
        await again.log_in("Ada", reset.strip())
        await output_of(data, "accounts", "delete", "Ada")
        await again.expect(m.Bye)

    assert re.search(r"^Ada +\d{4}-\d\d-\d\d +1 +1 +online$", listed, re.MULTILINE)
    assert _CODE.fullmatch(reset)  # the secret alone, for scripts
    assert locked == "Locked Ada and logged out 0 devices.\n"
    assert shut_out == Code.FORBIDDEN


async def test_rooms_sessions_notices_and_stats(data: Path) -> None:
    async with running(data) as server:
        ada, ben = await server.connect(), await server.connect()
        await ada.register("Ada")
        await ben.register("Ben")
        await ada.create("kitchen")

        password = await output_of(data, "rooms", "reset-password", "kitchen")
        await ben.join("kitchen", password.strip())
        kept = await output_of(data, "rooms", "keep", "kitchen", "90d")
        owned = await output_of(data, "rooms", "owner", "kitchen", "Ben")
        changed = await ada.expect(m.Changed)
        rooms = await output_of(data, "rooms", "list")
        await output_of(data, "notice", "Back in five minutes.")
        notices = [await peer.expect(m.Notice) for peer in (ada, ben)]
        sessions = await output_of(data, "sessions", "list")
        stats = await output_of(data, "stats")
        await output_of(data, "rooms", "delete", "kitchen")
        await ben.expect(m.Left)
        await output_of(data, "sessions", "drop", "Ben")
        await ben.expect(m.Bye)

    assert kept == "Messages in kitchen are kept for 90d.\n"
    assert owned == "Ben now owns kitchen.\n"
    assert changed == m.Changed("kitchen", "", "Ben")
    assert re.search(r"^kitchen +Ben +2 +0 +90d$", rooms, re.MULTILINE)
    assert notices == [m.Notice("Back in five minutes.")] * 2
    assert re.search(r"^Ben +127\.0\.0\.1 +its own client +0:00:\d\d$", sessions, re.MULTILINE)
    assert re.search(r"^accounts online +2$", stats, re.MULTILINE)


async def test_an_invitation_lets_one_person_register(data: Path) -> None:
    async with running(data, "--registration", "invite") as server:
        code = (await output_of(data, "invite", "--days", "2")).strip()
        ada, ben = await server.connect(), await server.connect()
        await ada.grant(m.Register("Ada", PASSWORD, code, id=1), m.Welcome)
        refused = await ben.code(m.Register("Ben", PASSWORD, code, id=1))

    assert refused == Code.REGISTRATION_CLOSED


async def test_the_admin_socket_is_private_to_its_owner(data: Path) -> None:
    async with running(data):
        mode = (data / "admin.sock").stat().st_mode

    assert mode & 0o777 == 0o600


async def test_without_a_running_server_admin_prints_one_sentence(data: Path) -> None:
    never = await admin(data, "stats")
    async with running(data):
        pass
    left = (data / "admin.sock").exists()
    no_more = await admin(data, "stats")

    assert not left

    for done in never, no_more:
        assert (done.code, done.out) == (1, "")
        assert done.err == (
            f"chat-server: No chat-server is running with the data folder {data}. "
            "Start it, or choose another folder with --data.\n"
        )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["accounts", "lock", "Nemo"], "There is no account named Nemo."),
        (["rooms", "delete", "general"], "The general room cannot be deleted."),
        (
            ["rooms", "keep", "general", "9y"],
            'Invalid duration "9y". Use 12h, 90d, 52w, forever or default.',
        ),
        (["invite", "--days", "0"], "An invitation can be valid for 1 to 365 days."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
async def test_an_impossible_request_prints_one_sentence(
    data: Path, arguments: list[str], sentence: str
) -> None:
    async with running(data):
        done = await admin(data, *arguments)

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"chat-server: {sentence}")
    assert done.err.count("\n") == 1


async def test_an_unknown_command_exits_with_code_2(data: Path) -> None:
    assert (await admin(data, "accounts", "frobnicate")).code == 2
    unknown = await run("frobnicate")

    assert unknown.code == 2
    assert unknown.err == (
        'chat-server: Unknown command or argument "frobnicate". Run chat-server --help.\n'
    )


async def test_the_data_folder_may_be_set_in_the_file_or_the_environment(
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


async def test_check_reports_failures_in_its_output_and_exit_code(
    data: Path, tmp_path: Path
) -> None:
    async with running(data):
        intact = await run("check", "--data", data)
    (data / "chat.db").write_bytes(b"garbage" * 1_000)
    damaged = await run("check", "--data", data)
    file = tmp_path / "chat.toml"
    file.write_text("prot = 1\n")
    invalid = await run("check", "--config", file)

    assert intact.code == 0, intact.out
    assert f"intact; version {VERSION}" in intact.out
    assert re.search(r"^ok +server +running; no failures$", intact.out, re.MULTILINE)
    assert re.search(r"^ok +server +is not running$", damaged.out, re.MULTILINE)
    assert damaged.code == 1
    assert re.search(r"^fail +database", damaged.out, re.MULTILINE)
    assert (invalid.code, invalid.out) == (2, "")
    assert "prot" in invalid.err


@pytest.fixture
def broken_index(data: Path) -> Path:
    """A data folder with a folder in place of the search index."""
    (data / "search.db").mkdir(parents=True)
    data.chmod(0o700)
    return data


@pytest.mark.usefixtures("broken_index")
async def test_check_names_a_failed_part_of_a_running_server_which_goes_on(data: Path) -> None:
    async with running(data) as server:
        ada = await server.connect()
        await ada.register("Ada")
        with trio.fail_after(60):
            while (
                "the search service failed" not in (shown := await run("check", "--data", data)).out
            ):
                pass
        await ada.post("still here")

    assert re.search(r"^(warn|fail) +server ", shown.out, re.MULTILINE)


@pytest.mark.parametrize("arguments", [["check"], ["admin", "rooms", "list"], ["backup"]])
async def test_a_reader_who_has_read_enough_is_no_error(
    data: Path, tmp_path: Path, arguments: list[str]
) -> None:
    files = [str(tmp_path / "copy.db")] if arguments == ["backup"] else []
    reads, writes = os.pipe()
    os.close(reads)
    async with running(data):
        done = await trio.run_process(
            [COMMAND, *arguments, *files, "--data", str(data)],
            stdout=writes, capture_stderr=True, check=False,
        )  # fmt: skip
    os.close(writes)

    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    assert b"Broken" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["admin", "--data", "{}", "rooms", "list"],
        ["admin", "rooms", "--data={}", "list"],
        ["--data", "{}", "admin", "rooms", "list"],
    ],
)
async def test_the_data_folder_may_be_named_anywhere_in_a_command(
    data: Path, arguments: list[str]
) -> None:
    async with running(data):
        done = await run(*[argument.replace("{}", str(data)) for argument in arguments])

    assert done.code == 0, done.err
    assert "general" in done.out


async def test_prometheus_reads_the_figures(data: Path) -> None:
    flags = ("--metrics", "tcp://127.0.0.1:0", "--log-format", "json")
    async with running(data, *flags) as server:
        ada = await server.connect()
        await ada.register("Ada")
        lines = map(json.loads, server.log().splitlines())
        (address,) = next(
            line["addresses"] for line in lines if line["event"] == "metrics listening"
        )
        url = address.replace("tcp", "http") + "/metrics"
        text = await trio.to_thread.run_sync(_fetch, url)

    assert "trialogue_accounts_online 1.0\n" in text


def _fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


async def test_without_the_extra_the_error_says_what_to_install(data: Path, tmp_path: Path) -> None:
    (tmp_path / "prometheus_client.py").write_text("raise ImportError")

    done = await run(
        "--data", data, "--listen", "tcp://127.0.0.1:0", "--metrics", "tcp://127.0.0.1:0",
        environment={"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip

    assert done.code == 1
    assert done.err == (
        "chat-server: --metrics needs the extra metrics: in a clone, pip install '.[metrics]'.\n"
    )


async def test_systemd_is_notified_of_ready_watchdog_and_stopping(
    data: Path, tmp_path: Path
) -> None:
    with trio.socket.socket(trio.socket.AF_UNIX, trio.socket.SOCK_DGRAM) as notified:
        await notified.bind(str(tmp_path / "notify"))
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
        async with running(data, environment=environment) as server:
            states = [await notified.recv(100) for _ in range(5)]
            server.process.send_signal(signal.SIGTERM)
            code = await server.process.wait()
        with trio.fail_after(10):
            while states[-1] != b"STOPPING=1":
                states.append(await notified.recv(100))

    assert code == 0
    assert states[0] == b"EXTEND_TIMEOUT_USEC=60000000"
    assert states.count(b"READY=1") == 1
    assert states.count(b"WATCHDOG=1") >= 2
