"""A server finds the gateway that an earlier one has left, and takes nothing else for one."""

import socket
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from chat_server.config import Config
from chat_server.net.certificates import Credentials
from chat_server.run.gateway import log_failed, open_gateway
from chat_server.run.handover import Link, find_gateway
from chat_server.run.signals import Stop
from chat_shared.handover import DRAIN, END, ClientFailed, Greeting, WorkerFailed

Lines: TypeAlias = list[MutableMapping[str, Any]]


def listening(path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(str(path))
    sock.listen()
    return sock


async def test_where_no_gateway_runs_none_is_found(tmp_path: Path) -> None:
    assert await find_gateway(tmp_path / "gateway.sock") is None
    listening(tmp_path / "gateway.sock").close()  # of one that was killed
    assert await find_gateway(tmp_path / "gateway.sock") is None


@pytest.mark.parametrize("sent", [b"", b"hello\n", b'{"settings":1}'])
async def test_what_greets_otherwise_is_no_gateway(
    nursery: trio.Nursery, tmp_path: Path, sent: bytes
) -> None:
    with listening(tmp_path / "gateway.sock") as other:

        async def greet() -> None:
            await trio.lowlevel.wait_readable(other)
            with other.accept()[0] as connection:
                connection.send(sent)

        nursery.start_soon(greet)
        assert await find_gateway(tmp_path / "gateway.sock") is None


async def test_a_gateway_that_does_not_answer_is_given_up(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    with listening(tmp_path / "gateway.sock"):
        assert await find_gateway(tmp_path / "gateway.sock") is None


async def test_a_server_without_addresses_for_it_ends_the_gateway(
    nursery: trio.Nursery, tmp_path: Path
) -> None:
    received = trio.Event()
    with listening(tmp_path / "gateway.sock") as other:

        async def greet() -> None:
            await trio.lowlevel.wait_readable(other)
            with other.accept()[0] as connection:
                connection.send(msgspec.json.encode(Greeting("", "", [])))
                await trio.lowlevel.wait_readable(connection)
                assert connection.recv(1) == END
            received.set()

        nursery.start_soon(greet)
        config = Config(listen=("tcp://127.0.0.1:0",), data=tmp_path)
        assert await open_gateway(config, Credentials(config), Stop()) is None
        await received.wait()


async def test_a_worker_that_failed_is_logged_and_a_drain_is_not_taken_for_its_report(
    nursery: trio.Nursery, logged: Lines
) -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    link = Link(ours, Greeting("", "", []))
    killed, failed, client = (
        msgspec.json.encode(failure) + b"\n"
        for failure in (
            WorkerFailed(-9, 3),
            WorkerFailed(1, 0, "ValueError"),
            ClientFailed("KeyError"),
        )
    )
    with ours, theirs:
        theirs.send(killed)
        theirs.send(DRAIN)
        await link.drain()
        theirs.send(killed + failed[:9])
        nursery.start_soon(link.wait_ended, log_failed)
        await wait_all_tasks_blocked(0.01)
        theirs.send(failed[9:] + client)
        theirs.close()
        await wait_all_tasks_blocked(0.01)

    assert logged == [
        {"event": "gateway worker failed", "log_level": "error", "people": 3, "signal": "SIGKILL"},
        {
            "event": "gateway worker failed", "log_level": "error", "people": 0, "exit_code": 1,
            "exception": "ValueError",
        },
        {"event": "gateway client failed", "log_level": "error", "exception": "KeyError"},
    ]  # fmt: skip
