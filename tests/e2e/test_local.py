"""`chat-tui --local` in a terminal: a local server for as long as the client runs."""

import os
import select
import signal
from pathlib import Path

from support.people import reopen, send, sign_up
from support.terminal import PATIENCE, Desk, Terminal


def _server_of(client: Terminal) -> int:
    """Return a pidfd of the server that `client` started: readable once it has ended."""
    return os.pidfd_open(_pid_of_server(client))


def _pid_of_server(client: Terminal) -> int:
    (server,) = Path(f"/proc/{client.pid}/task/{client.pid}/children").read_text().split()
    assert b"chat-server" in Path(f"/proc/{server}/cmdline").read_bytes()
    return int(server)


def _has_ended(server: int) -> bool:
    ended, _, _ = select.select([server], [], [], PATIENCE)
    os.close(server)
    return bool(ended)


def test_a_local_server_stops_with_the_client_and_keeps_everything(table: Desk) -> None:
    ada = sign_up(table, "ada", "--local")
    server = _server_of(ada)
    send(ada, "a note to myself")
    ada.press("ctrl+q")
    assert ada.wait_for_end() == 0
    assert _has_ended(server)

    ada = reopen(table, "ada", "--local")
    ada.wait_for("a note to myself")
    send(ada, "and another")
    ada.enter("/quit")
    assert ada.wait_for_end() == 0


def test_a_local_server_that_is_killed_is_restarted(table: Desk) -> None:
    ada = sign_up(table, "ada", "--local")
    send(ada, "before the crash")
    server = _server_of(ada)
    os.kill(_pid_of_server(ada), signal.SIGKILL)
    assert _has_ended(server)

    send(ada, "after the crash")
    ada.wait_for_no("Offline")
    ada.wait_for("before the crash")


def test_a_local_server_stops_even_if_the_client_is_killed(table: Desk) -> None:
    ada = sign_up(table, "ada", "--local")
    server = _server_of(ada)
    send(ada, "this is kept")
    ada.kill()
    assert _has_ended(server)

    ada = reopen(table, "ada", "--local")
    ada.wait_for("this is kept")


def test_a_second_client_joins_the_first_and_goes_on_without_it(table: Desk) -> None:
    first = sign_up(table, "ada", "--local")
    send(first, "from the first")
    second = reopen(table, "ada", "--local")
    second.wait_for("from the first")
    send(second, "from the second")
    first.wait_for("from the second")

    server = _server_of(first)
    first.press("ctrl+q")
    assert first.wait_for_end() == 0
    assert _has_ended(server)
    send(second, "without the first")
    second.wait_for_no("Offline")
    second.press("ctrl+q")
    assert second.wait_for_end() == 0
