"""The socket by which servers find the gateway that is running."""

import asyncio
import socket
import stat
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from chat_shared.handover import DRAIN, END, MAX_GREETING, Greeting
from chat_tui.gateway import control as module
from chat_tui.gateway.control import Control

pytestmark = pytest.mark.asyncio

GREETING = Greeting("0.1 ssh://[::]:2222", "SHA256:abc", ["ssh"])


class Gateway:
    """What a control ends or drains."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ended = asyncio.Event()
        self.is_draining = False
        self.listening = socket.create_server(("127.0.0.1", 0))

    def drain(self) -> None:
        self.is_draining = True


@asynccontextmanager
async def controlled(folder: Path) -> AsyncGenerator[Gateway]:
    gateway = Gateway(folder / "gateway.sock")
    control = Control(GREETING, [gateway.listening], gateway.drain, gateway.ended.set, lambda: None)
    control.listen(gateway.path)
    try:
        yield gateway
    finally:
        control.close()
        gateway.listening.close()


async def connected(path: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX)
    server.setblocking(False)
    await asyncio.get_running_loop().sock_connect(server, str(path))
    return server


async def greeting(server: socket.socket) -> tuple[Greeting, list[int]]:
    readable = asyncio.Event()
    asyncio.get_running_loop().add_reader(server, readable.set)
    await readable.wait()
    asyncio.get_running_loop().remove_reader(server)
    data, descriptors, _, _ = socket.recv_fds(server, MAX_GREETING, 1)
    return msgspec.json.decode(data, type=Greeting), descriptors


async def test_a_server_is_greeted_with_the_listening_sockets(tmp_path: Path) -> None:
    async with controlled(tmp_path) as gateway:
        assert stat.S_IMODE(gateway.path.stat().st_mode) == 0o600
        with await connected(gateway.path) as server:
            received, descriptors = await greeting(server)

            assert received == GREETING
            with socket.socket(fileno=descriptors[0]) as listening:
                assert listening.getsockname() == gateway.listening.getsockname()


async def test_a_gateway_that_drains_is_found_by_no_further_server(tmp_path: Path) -> None:
    async with controlled(tmp_path) as gateway:
        with await connected(gateway.path) as server:
            await greeting(server)
            server.send(DRAIN)

            assert await asyncio.get_running_loop().sock_recv(server, 1) == DRAIN
            assert gateway.is_draining
            assert not gateway.path.exists()
            server.send(END)  # as the operator stops everything
            await gateway.ended.wait()


async def test_without_a_server_the_gateway_ends_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WITHOUT_SERVER", 0.01)
    async with controlled(tmp_path) as gateway:
        with await connected(gateway.path) as server:
            await greeting(server)
            await asyncio.sleep(0.05)
            assert not gateway.ended.is_set()

        await gateway.ended.wait()


async def test_a_server_that_has_gone_with_a_last_command_is_obeyed(tmp_path: Path) -> None:
    async with controlled(tmp_path) as gateway:
        server = await connected(gateway.path)
        server.send(END)
        server.close()  # before it could be greeted

        await gateway.ended.wait()
