"""The installed `chat-server`: starting, stopping and load."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trio

from chat_server.store.sqlite.schema import VERSION
from chat_shared import messages as m
from support import server_process
from support.peer import Peer, connected, greeted
from support.server_process import COMMAND, Finished, run

# The installed command, which is what this module is about.
running = partial(server_process.running, is_forked=False)

_BYE = m.Bye("the server is shutting down")

_TIMEOUT = 30.0  # seconds for a process on a busy machine


@asynccontextmanager
async def _started(
    *arguments: str, stdin: int = subprocess.DEVNULL, command: Sequence[str] = (COMMAND,)
) -> AsyncGenerator[trio.Process]:
    """Yield a process that is killed afterwards if it still runs."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("CHAT_")}
    process = await trio.lowlevel.open_process(
        [*command, *arguments],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=own,
    )
    try:
        with trio.fail_after(_TIMEOUT):
            yield process
    finally:
        process.kill()
        with trio.CancelScope(shield=True):
            await process.wait()


async def _lines(process: trio.Process, number: int) -> list[str]:
    """Return the next `number` lines of stdout."""
    assert process.stdout is not None
    output = b""
    while output.count(b"\n") < number:
        data = await process.stdout.receive_some()
        assert data, "the server ended before it was ready"
        output += data
    return output.decode().splitlines()


async def _rest(stream: trio.abc.ReceiveStream | None) -> str:
    assert stream is not None
    return b"".join([bytes(part) async for part in stream]).decode()


_DATABASE_FILES = ("chat.db", "chat.db-wal", "chat.db-shm")

# --- starting


async def test_every_listener_prints_one_line_to_stdout_and_the_log_goes_to_stderr(
    data: Path, tmp_path: Path
) -> None:
    listen = ("--listen", "tcp://127.0.0.1:0", "--listen", f"unix://{tmp_path}/chat.sock")
    async with _started("--data", str(data), *listen) as process:
        tcp, unix = await _lines(process, 2)
        assert re.fullmatch(r"listening on tcp://127\.0\.0\.1:\d+", tcp)
        assert unix == f"listening on unix://{tmp_path}/chat.sock"
        peers = [await connected(line.removeprefix("listening on ")) for line in (tcp, unix)]
        for peer, name in zip(peers, ("Ada", "Ben"), strict=True):
            await peer.register(name)
        await peers[0].post("hello")
        assert (await peers[1].expect_posted(1))[0].text == "hello"
        process.terminate()
        for peer in peers:
            await peer.aclose()
        assert await _rest(process.stdout) == ""
        assert "shutting down" in await _rest(process.stderr)


async def test_the_folder_and_its_files_are_private_to_their_owner(data: Path) -> None:
    async with running(data):
        modes = {name: os.stat(data / name).st_mode & 0o777 for name in _DATABASE_FILES}
        folder = os.stat(data).st_mode & 0o777

    assert folder == 0o700
    assert set(modes.values()) == {0o600}


async def test_flags_override_the_environment_and_that_overrides_the_file(
    data: Path, tmp_path: Path
) -> None:
    config = tmp_path / "chat.toml"
    await trio.Path(config).write_text('name = "file"\nregistration = "closed"\ngrace = 0.0\n')
    file = ("--config", str(config))
    environment = {"CHAT_NAME": "environment"}

    async def greeting(*flags: str, environment: dict[str, str] | None = None) -> tuple[str, str]:
        async with running(data, *flags, environment=environment) as server:
            scheme, _, rest = server.address.partition("://")
            assert scheme == "tcp"
            stream = await trio.open_tcp_stream("127.0.0.1", int(rest.rpartition(":")[2]))
            hello = await Peer(stream).expect(m.Hello)
            await stream.aclose()
            return hello.server, hello.registration

    assert await greeting(*file) == ("file", "closed")
    assert await greeting(*file, environment=environment) == ("environment", "closed")
    assert await greeting(*file, "--name", "flag", environment=environment) == ("flag", "closed")


async def test_a_failed_start_prints_one_sentence_and_no_traceback(
    data: Path, tmp_path: Path
) -> None:
    free = ("--listen", "tcp://127.0.0.1:0")
    newer = tmp_path / "newer"
    newer.mkdir(mode=0o700)
    with sqlite3.connect(newer / "chat.db") as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    finished: dict[str, Finished] = {}

    async def start(case: str, *arguments: str) -> None:
        finished[case] = await run(*arguments)

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with running(data), trio.open_nursery() as nursery:
            for case, *arguments in (
                ("key", "--nonsense", "1"),
                ("port", "--data", f"{tmp_path}/b", "--listen", f"tcp://127.0.0.1:{port}"),
                ("folder in use", "--data", str(data), *free),
                ("newer", "--data", str(newer), *free),
            ):
                nursery.start_soon(start, case, *arguments)

    assert {case: done.code for case, done in finished.items()} == {
        "key": 2,
        "port": 1,
        "folder in use": 3,
        "newer": 1,
    }
    assert {case: done.out for case, done in finished.items() if done.out} == {}
    sentences = {case: done.err for case, done in finished.items()}
    assert sentences.pop("key").startswith("chat-server: Unknown option: --nonsense.")
    assert sentences == {
        "port": f"chat-server: Cannot listen on tcp://127.0.0.1:{port}: Address already in use. "
        "Stop the other program, or choose another address with --listen.\n",
        "folder in use": f"chat-server: Another chat-server is using the data folder {data}. "
        "Stop it, or choose another folder with --data.\n",
        "newer": f"chat-server: {newer}/chat.db was written by a newer chat-server. "
        "Install that version or later, or choose another folder with --data.\n",
    }


# --- stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_a_signal_sends_a_reason_to_every_client_and_exits_with_0(
    data: Path, number: signal.Signals
) -> None:
    async with running(data) as server:
        ada, visitor = await server.connect(), await server.connect()
        await ada.register("Ada")
        await ada.post("hello")
        server.process.send_signal(number)

        assert (await ada.receive_all())[-1] == _BYE
        assert await visitor.receive_all() == [_BYE]
        assert await server.process.wait() == 0
        assert "Traceback" not in server.log()


async def test_a_second_signal_stops_at_once(data: Path) -> None:
    async with running(
        data, "--grace", "1000", "--limits.posts", "1000", is_forked=False
    ) as server:
        ada, ben = await server.connect(), await server.connect()
        await ada.register("Ada")
        await ben.register("Ben")  # and stops reading
        for _ in range(400):
            await ada.post("x" * 8_000)
        server.process.terminate()
        await ada.expect(m.Bye)
        server.process.terminate()
        with trio.fail_after(4):  # less than the time that Ben has to receive his close reason
            assert await server.process.wait() == 0
        assert "Traceback" not in server.log()


async def test_with_until_eof_the_server_stops_with_the_program_that_started_it(data: Path) -> None:
    arguments = ("--data", str(data), "--listen", "tcp://127.0.0.1:0", "--until-eof")
    async with _started(*arguments, stdin=subprocess.PIPE) as process:
        (ready,) = await _lines(process, 1)
        peer = await connected(ready.removeprefix("listening on "))
        assert process.stdin is not None
        await process.stdin.send_all(b"input is ignored\n")
        await peer.ping()
        await process.stdin.aclose()

        assert await peer.receive_all() == [_BYE]
        await peer.aclose()
        assert await process.wait() == 0


async def test_a_restart_keeps_accounts_rooms_memberships_and_messages(data: Path) -> None:
    async with running(data) as server:
        ada, ben = await server.connect(), await server.connect()
        await ada.register("Ada")
        await ben.register("Ben")
        password = await ada.create("Kitchen")
        await ben.join("Kitchen", password)
        first = await ada.post("Found it.", "Kitchen", "n")

    async with running(data) as server:
        ben, ada = await server.connect(), await server.connect()
        welcome = await ben.log_in("ben")
        assert [(room.room, room.owner, room.last_seq) for room in welcome.rooms] == [
            ("general", "", 0),
            ("Kitchen", "Ada", 1),
        ]
        assert [line.text for line in (await ben.history("kitchen")).messages] == ["Found it."]
        await ada.log_in("ada")
        again = await ada.post("Found it.", "kitchen", "n")
        assert (again.seq, again.at) == (first.seq, first.at)
        assert (await ada.post("And soup.", "kitchen")).seq == 2
        assert (await ben.expect_posted(1))[0].text == "And soup."
        cleo = await server.connect()
        await cleo.register("Cleo")
        await cleo.join("kitchen", password)


async def test_connections_reset_before_they_are_accepted_harm_nobody(data: Path) -> None:
    async with running(data) as server:
        ada = await server.connect()
        await ada.register("Ada")
        port = int(server.address.rpartition(":")[2])
        for _ in range(200):
            with socket.socket() as client:
                reset = b"\x01\0\0\0\0\0\0\0"  # close by resetting the connection
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
                client.connect(("127.0.0.1", port))

        await ada.post("still here")
        assert "Traceback" not in server.log()


# --- load


async def _all_post(peers: list[Peer], posts: int) -> list[list[tuple[int, str]]]:
    """Let all peers post everything at once; return what each received."""
    total = posts * len(peers)
    received: list[list[tuple[int, str]]] = []

    async def post_all(peer: Peer) -> None:
        await peer.send(*[peer.draft(f"{peer.token[:8]} {number}") for number in range(posts)])
        own: list[tuple[int, str]] = []
        accepted = 0
        while len(own) < total or accepted < posts:
            message = await peer.receive()
            if isinstance(message, m.Posted):
                own.append((message.seq, message.text))
            accepted += isinstance(message, m.Accepted)
        received.append(own)

    async with trio.open_nursery() as nursery:
        for peer in peers:
            nursery.start_soon(post_all, peer)
    return received


async def test_nothing_is_lost_when_everybody_posts_at_once(data: Path) -> None:
    posted = 0
    async with running(data, "--limits.posts", "100") as server:
        for clients, posts in ((20, 10), (50, 100)):
            peers = [await server.connect() for _ in range(clients)]
            for number, peer in enumerate(peers):
                await peer.register(f"name{number}of{clients}")
                peer.unread.clear()
            first, *others = await _all_post(peers, posts)
            for peer in peers:
                await peer.aclose()

            total = clients * posts
            assert [seq for seq, _ in first] == list(range(posted + 1, posted + total + 1))
            assert len({text for _, text in first}) == total
            assert all(other == first for other in others)
            posted += total


async def test_strangers_who_take_all_files_are_told_and_the_operator_still_gets_in(
    data: Path,
) -> None:
    few_files = ("sh", "-c", 'ulimit -n 100 && exec "$@"', "sh", COMMAND)
    arguments = ("--data", str(data), "--listen", "tcp://127.0.0.1:0")
    async with _started(*arguments, command=few_files) as process, AsyncExitStack() as streams:
        (line,) = await _lines(process, 1)
        port = int(line.rpartition(":")[2])

        async def connect() -> trio.SocketStream:
            return await streams.enter_async_context(await trio.open_tcp_stream("127.0.0.1", port))

        admitted = [await greeted(await connect()) for _ in range(36)]
        refused = await greeted(await connect())
        assert (await refused.expect(m.Error)).code == "server_full"
        for _ in range(80):
            await connect()
        stats = await run("admin", "stats", "--data", data)
        await admitted[0].register("Ada")

        process.terminate()
        log = await _read_all(process)
    assert stats.code == 0, stats.err
    assert re.search(r"^connections +36$", stats.out, re.MULTILINE)
    assert "Traceback" not in log
    assert log.count("not accepted") + log.count("no place") <= 1


async def test_a_reload_while_the_server_starts_does_not_end_it(data: Path) -> None:
    arguments = ("--data", str(data), "--listen", "tls://127.0.0.1:0")
    async with _started(*arguments) as process:
        while not _blocks_sighup(process.pid):  # as Python itself starts it does not yet
            await trio.lowlevel.checkpoint()
        process.send_signal(signal.SIGHUP)
        await _lines(process, 1)
        process.terminate()

        assert await process.wait() == 0


def _blocks_sighup(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    return bool(int(status.partition("SigBlk:")[2].split()[0], 16) & 1 << signal.SIGHUP - 1)


async def _read_all(process: trio.Process) -> str:
    assert process.stderr is not None
    return b"".join([bytes(part) async for part in process.stderr]).decode()
