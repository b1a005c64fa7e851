"""Hostile people over SSH, with OpenSSH's own client: others go on as if nothing were."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from chat_tui.gateway.places import MAX_HANDSHAKES
from support.people import PASSWORD, send
from support.ssh_gateway import Gateway, log_in, register
from support.terminal import Desk, Terminal


@pytest.fixture
def gateway(table: Desk, tmp_path: Path) -> Gateway:
    return Gateway(table, tmp_path / "data")


@pytest.fixture
def half_open(gateway: Gateway) -> Iterator[list[socket.socket]]:
    """More connections than there may be that say nothing, from one address."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                socket.create_connection(
                    ("127.0.0.1", int(gateway.port)), source_address=("127.0.0.66", 0)
                )
            )
            for _ in range(MAX_HANDSHAKES + 20)
        ]


def test_half_open_connections_keep_nobody_out(
    gateway: Gateway, half_open: list[socket.socket]
) -> None:
    register(gateway.ssh("ada"))

    half_open[0].settimeout(10)
    banner = half_open[0].recv(100)
    assert banner.startswith(b"SSH-2.0-")
    while half_open[0].recv(1_000):  # its key exchange, and the end: it was given up
        pass


def test_what_one_does_is_not_felt_by_another(gateway: Gateway, table: Desk) -> None:
    ada = gateway.ssh("ada")
    register(ada)
    mal = gateway.ssh("mal", env={"TERM": "\x1b]0;owned\x07"})
    mal.wait_for("Password")
    eve = gateway.ssh("eve", options=("-o", "RekeyLimit=1K"))
    register(eve)

    for number in range(500):
        eve.resize(60 + number % 100, 20 + number % 30)
    eve.paste("line\n" * 20_000)
    send(ada, "still here")
    assert b"owned" not in mal.received

    eve.kill()
    again = gateway.ssh("eve")
    again.wait_for_cursor_under("Password")
    again.enter(PASSWORD)
    again.wait_for("general")


def test_wrong_passwords_slow_their_address_and_nobody_else(gateway: Gateway) -> None:
    register(gateway.ssh("ada"))
    eve = gateway.ssh("ada", "plain", options=("-t", "-b", "127.0.0.66"))
    eve.wait_for("Password")

    for number in range(1, 6):
        eve.enter("not her password")
        _wait_for_refusals(eve, number)
    eve.enter("not her password")
    eve.wait_for("Too many wrong passwords")

    log_in(gateway.ssh("ada", options=("-b", "127.0.0.2")))


def _wait_for_refusals(terminal: Terminal, count: int) -> None:
    terminal.wait_until(lambda: terminal.screen.count("Wrong name") == count, f"{count} refusals")
