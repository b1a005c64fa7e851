"""Signals shut a server down: once in order, twice at once."""

import signal
from pathlib import Path

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from chat_server.config import Config
from chat_server.run.serving import run_server
from chat_shared import messages as m
from support.peer import Peer, connected
from support.running_server import WIDE


class SignalledServer:
    """A server that runs in this process until a signal stops it."""

    def __init__(self, folder: Path, grace: float) -> None:
        self._config = Config(
            listen=("tcp://127.0.0.1:0",),
            data=folder,
            durability="process",
            limits=WIDE,
            grace=grace,
        )
        self._addresses: list[str] = []
        self._ready = trio.Event()
        self.ended = trio.Event()

    async def run(self) -> None:
        await run_server(self._config, self._announce)
        self.ended.set()

    async def connect(self) -> Peer:
        await self._ready.wait()
        return await connected(self._addresses[0])

    def _announce(self, addresses: list[str]) -> None:
        self._addresses = addresses
        self._ready.set()


def start(nursery: trio.Nursery, folder: Path, grace: float = 5.0) -> SignalledServer:
    server = SignalledServer(folder, grace)
    nursery.start_soon(server.run)
    return server


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_shuts_down_cleanly(
    nursery: trio.Nursery, tmp_path: Path, number: signal.Signals
) -> None:
    server = start(nursery, tmp_path)
    peer = await server.connect()
    signal.raise_signal(number)

    assert await peer.receive_all() == [m.Bye("the server is shutting down")]
    await peer.aclose()
    await server.ended.wait()


async def test_a_second_signal_stops_at_once(nursery: trio.Nursery, tmp_path: Path) -> None:
    server = start(nursery, tmp_path, grace=1_000.0)
    ada, ben = await server.connect(), await server.connect()
    await ada.register("Ada")
    await ben.register("Ben")  # and stops reading
    for _ in range(400):
        await ada.post("x" * 8_000)
    signal.raise_signal(signal.SIGTERM)
    await ada.expect(m.Bye)
    await wait_all_tasks_blocked()
    assert not server.ended.is_set()

    signal.raise_signal(signal.SIGTERM)
    with trio.fail_after(4):
        await server.ended.wait()
    for peer in (ada, ben):
        await peer.aclose()
