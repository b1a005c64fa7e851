"""Notifications to systemd, on a socket like its own."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from chat_server.run.systemd import Supervisor, supervisor_from


@pytest.fixture
def notified(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.setblocking(False)
        yield sock


def received(sock: socket.socket) -> list[bytes]:
    states = []
    while True:
        try:
            states.append(sock.recv(100))
        except BlockingIOError:
            return states


def test_a_notification_is_one_datagram(notified: socket.socket) -> None:
    Supervisor(notified.getsockname()).notify("READY=1")

    assert received(notified) == [b"READY=1"]


def test_an_abstract_socket_is_found() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind("")  # the kernel chooses an abstract name
        sock.setblocking(False)
        name = sock.getsockname().decode().replace("\0", "@")

        Supervisor(name).notify("READY=1")

        assert received(sock) == [b"READY=1"]


def test_without_a_supervisor_nothing_is_sent() -> None:
    Supervisor().notify("READY=1")


def test_a_supervisor_that_cannot_be_reached_is_ignored(tmp_path: Path) -> None:
    Supervisor(str(tmp_path / "gone")).notify("READY=1")


async def test_the_watchdog_is_notified_twice_per_interval(
    notified: socket.socket, nursery: trio.Nursery, autojump_clock: trio.abc.Clock
) -> None:
    nursery.start_soon(Supervisor(notified.getsockname(), watchdog_interval=30).run_watchdog)

    await trio.sleep(61)

    assert received(notified) == [b"WATCHDOG=1"] * 5  # at 0, 15, 30, 45 and 60 seconds


async def test_a_start_that_takes_long_asks_for_more_time_until_it_is_done(
    notified: socket.socket, nursery: trio.Nursery, autojump_clock: trio.abc.Clock
) -> None:
    starting = trio.CancelScope()
    nursery.start_soon(Supervisor(notified.getsockname()).run_starting, starting)
    await trio.sleep(41)
    starting.cancel()
    await trio.sleep(600)

    assert received(notified) == [b"EXTEND_TIMEOUT_USEC=60000000"] * 3  # at 0, 20 and 40 seconds


async def test_without_an_interval_there_is_no_watchdog(notified: socket.socket) -> None:
    await Supervisor(notified.getsockname()).run_watchdog()

    assert received(notified) == []


def test_the_environment_sets_the_socket_and_the_watchdog_interval() -> None:
    environment = {
        "NOTIFY_SOCKET": "/run/notify",
        "WATCHDOG_USEC": "30000000",
        "WATCHDOG_PID": str(os.getpid()),
    }

    assert supervisor_from(environment) == Supervisor("/run/notify", 30.0)


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"NOTIFY_SOCKET": "/run/notify"},
        {"NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "0"},
        {"NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "soon"},
        {"NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1"},
        {"WATCHDOG_USEC": "30000000"},
    ],
    ids=["nothing", "no-watchdog", "zero", "no-number", "meant-for-another", "no-socket"],
)
def test_without_a_complete_environment_there_is_no_watchdog(environment: dict[str, str]) -> None:
    assert supervisor_from(environment).watchdog_interval is None
