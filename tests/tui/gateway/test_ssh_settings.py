"""What the SSH server allows is little, whatever the library's defaults are."""

import asyncio
import socket
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from chat_tui.gateway import places, ssh
from chat_tui.gateway.frames import Size
from chat_tui.gateway.places import Places
from chat_tui.gateway.screen_size import screen_size
from chat_tui.gateway.ssh import MAX_SESSIONS, listen
from chat_tui.terminal.size_limits import MAX_COLUMNS, MAX_LINES
from support.gateway import workers_in

pytestmark = pytest.mark.asyncio


async def listening(folder: Path) -> tuple[asyncssh.SSHAcceptor, int]:
    async with workers_in(folder) as (workers, _):
        sock = socket.create_server(("127.0.0.1", 0))
        key = asyncssh.generate_private_key("ssh-ed25519")
        server = folder / "proxy.sock"
        return await listen(sock, workers, Places(), key, server), sock.getsockname()[1]


class Person(asyncssh.SSHClient):
    """A person who answers questions, as OpenSSH's client does; there are none."""

    def kbdint_auth_requested(self) -> str:
        return ""


def connect(port: int, **options: Any) -> AbstractAsyncContextManager[asyncssh.SSHClientConnection]:
    return asyncssh.connect(
        "127.0.0.1", port, username="eve", known_hosts=None, config=None,
        client_factory=Person, agent_path=None, **options,
    )  # fmt: skip


async def test_a_connection_that_says_nothing_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "HANDSHAKE_DEADLINE", 0.05)
    acceptor, port = await listening(tmp_path)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    await reader.read()  # to the end

    writer.close()
    acceptor.close()


async def test_too_many_handshakes_of_an_address_wait_their_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "HANDSHAKES", 1)
    monkeypatch.setattr(places, "HANDSHAKES_WITHIN", 0.4)
    acceptor, port = await listening(tmp_path)
    loop = asyncio.get_running_loop()
    begin = loop.time()
    async with connect(port):
        pass
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    others, other = await asyncio.open_connection("127.0.0.1", port)

    assert await others.read() == b""  # closed: it would have had to wait for too long
    assert await reader.readline() == b"SSH-2.0-Trialogue\r\n"
    writer.write(b"SSH-2.0-Eve\r\n")
    assert await reader.read(1)  # the algorithms, with which the handshake begins
    assert loop.time() - begin >= 0.4

    for connection in writer, other:
        connection.close()
    acceptor.close()


@pytest.mark.parametrize(
    ("claimed", "drawn"),
    [
        ((80, 24), Size(80, 24)),
        ((0, 0), Size(80, 24)),
        ((4_000_000_000, 4_000_000_000), Size(MAX_COLUMNS, MAX_LINES)),
        ((80, 24, (9, 18)), Size(80, 24, (9, 18))),
        ((80, 24, (9, 4_000_000_000)), Size(80, 24)),
    ],
)
async def test_a_terminal_of_any_size_has_a_screen(
    claimed: tuple[int, int] | tuple[int, int, tuple[int, int]], drawn: Size
) -> None:
    assert screen_size(*claimed) == drawn


async def test_nothing_but_a_terminal_is_opened(tmp_path: Path) -> None:
    acceptor, port = await listening(tmp_path)
    async with connect(port) as eve:
        with pytest.raises(asyncssh.Error):
            await eve.start_sftp_client()
        with pytest.raises(asyncssh.Error):
            await eve.open_connection("127.0.0.1", port)
        with pytest.raises(asyncssh.Error):
            await eve.open_unix_connection("/run/docker.sock")
        with pytest.raises(asyncssh.ChannelListenError):
            await eve.forward_remote_port("127.0.0.1", 0, "127.0.0.1", port)
    acceptor.close()


async def test_a_file_transfer_is_told_what_works(tmp_path: Path) -> None:
    acceptor, port = await listening(tmp_path)
    async with connect(port) as eve:
        for done in (
            await eve.run("scp -t /etc/passwd", check=False),
            await eve.run(subsystem="sftp", check=False),
            await eve.run("/bin/sh", term_type="xterm", check=False),
        ):
            assert done.exit_status == 1
            assert "This is a chat" in str(done.stdout) + str(done.stderr)
    acceptor.close()


async def test_a_connection_has_few_sessions(tmp_path: Path) -> None:
    async with workers_in(tmp_path) as (workers, _):
        sock = socket.create_server(("127.0.0.1", 0))
        key = asyncssh.generate_private_key("ssh-ed25519")
        acceptor = await listen(sock, workers, Places(), key, tmp_path / "proxy.sock")
        async with connect(sock.getsockname()[1]) as eve:
            sessions = [await eve.open_session("plain") for _ in range(MAX_SESSIONS)]
            with pytest.raises(asyncssh.ChannelOpenError, match="Too many sessions"):
                await eve.open_session("plain")

            sessions[0][0].channel.close()
            await sessions[0][0].channel.wait_closed()
            assert (await eve.run("ls -l", check=False)).exit_status == 1
        acceptor.close()


async def test_of_the_environment_nothing_is_kept_but_the_kind_of_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[dict[bytes, bytes]] = []
    started = ssh.Session.session_started

    def note(session: ssh.Session) -> None:
        assert session._channel is not None
        kept.append(dict(session._channel.get_environment_bytes()))
        started(session)

    monkeypatch.setattr(ssh.Session, "session_started", note)
    acceptor, port = await listening(tmp_path)
    env = {f"V{n}": "x" * 1_000 for n in range(200)} | {"COLORTERM": "24bit", "NO_COLOR": "x" * 65}
    async with connect(port) as eve:
        await eve.run("ls -l", env=env, check=False)
    acceptor.close()

    assert kept == [{b"COLORTERM": b"24bit"}]


async def test_what_is_forwarded_is_asked_for_and_refused(tmp_path: Path) -> None:
    acceptor, port = await listening(tmp_path)
    async with connect(port, agent_forwarding=True) as eve:
        done = await eve.run("id", check=False)

        assert done.exit_status == 1
        assert eve.get_extra_info("server_version") == "SSH-2.0-Trialogue"
    acceptor.close()


async def test_beyond_the_handshakes_that_fit_a_connection_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MAX_HANDSHAKES", 0)  # the oldest one is that one itself
    acceptor, port = await listening(tmp_path)

    with pytest.raises((asyncssh.Error, OSError)):
        async with connect(port):
            pass
    acceptor.close()


@pytest.mark.parametrize("term", ["x" * 10_000, "xterm\x00", "\x1b]0;pwned\x07", "xterm\n"])
async def test_a_terminal_of_any_name_has_a_form(tmp_path: Path, term: str) -> None:
    async with workers_in(tmp_path) as (workers, _):
        sock = socket.create_server(("127.0.0.1", 0))
        key = asyncssh.generate_private_key("ssh-ed25519")
        acceptor = await listen(sock, workers, Places(), key, tmp_path / "proxy.sock")
        async with connect(sock.getsockname()[1]) as eve:
            process = await eve.create_process(term_type=term, env={"NO_COLOR": "1"})
            shown = ""
            while "Password" not in shown:
                shown += await process.stdout.read(1_000)
            process.close()
        acceptor.close()
