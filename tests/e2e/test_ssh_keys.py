"""People whose SSH keys log in to their accounts, with OpenSSH's own client, keys and agent."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.people import PASSWORD
from support.ssh_gateway import Gateway, register
from support.terminal import Desk, Terminal


@pytest.fixture
def gateway(table: Desk, tmp_path: Path) -> Gateway:
    return Gateway(table, tmp_path / "data")


def make_key(folder: Path, name: str, *options: str) -> Path:
    """Return the file of a new private key."""
    path = folder / name
    kind = options or ("-t", "ed25519")
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-C", name, *kind, "-f", path], check=True)
    return path


def holding(*keys: Path) -> tuple[str, ...]:
    """Return the options with which OpenSSH offers these keys and no others."""
    return ("-o", "IdentitiesOnly=yes", *(word for key in keys for word in ("-i", str(key))))


@contextmanager
def agent_with(folder: Path, *keys: Path) -> Iterator[dict[str, str]]:
    """Run an agent that holds `keys`; yield the variable that says where it is."""
    sock = folder / "agent"
    started = subprocess.run(
        ["ssh-agent", "-s", "-a", sock], capture_output=True, text=True, check=True
    ).stdout
    pid = int(re.findall(r"SSH_AGENT_PID=(\d+)", started)[0])
    there = {"SSH_AUTH_SOCK": str(sock)}
    try:
        for key in keys:
            subprocess.run(["ssh-add", "-q", key], env={**os.environ, **there}, check=True)
        yield there
    finally:
        os.kill(pid, signal.SIGTERM)


def add_offered_key(terminal: Terminal) -> None:
    """Add the key that the connection offered, by /keys."""
    terminal.enter("/keys")
    terminal.wait_for("your connection offers it")
    terminal.press("enter")
    terminal.wait_for_cursor_under("Your password")
    terminal.enter(PASSWORD)
    terminal.wait_for("Added.")


def leave(terminal: Terminal) -> None:
    terminal.press("ctrl+q")
    assert terminal.wait_for_end() == 0


def test_a_key_added_by_the_connection_that_offers_it_logs_in_until_it_is_removed(
    gateway: Gateway, table: Desk, tmp_path: Path
) -> None:
    key = make_key(tmp_path, "laptop")
    ada = gateway.ssh("ada", options=holding(key))
    register(ada)
    add_offered_key(ada)
    ada.press("escape")
    ada.wait_for_no("Your SSH keys")
    leave(ada)

    again = gateway.ssh("ADA", options=holding(key))
    again.wait_for("Message general")
    again.enter("/keys")
    again.wait_for("used by this connection")
    again.press("enter")
    again.wait_for("Its sessions")
    again.press("y")

    again.wait_for_cursor_under("Password")
    assert "This device was logged out" in again.screen
    last = gateway.ssh("ada", options=holding(key))
    last.wait_for_cursor_under("Password")


def test_the_key_of_several_in_an_agent_logs_in_and_to_no_other_account(
    gateway: Gateway, tmp_path: Path
) -> None:
    keys = [
        make_key(tmp_path, "first"),
        make_key(tmp_path, "second", "-t", "ecdsa", "-b", "384"),
        make_key(tmp_path, "third", "-t", "rsa", "-b", "2048"),
    ]
    ada = gateway.ssh("ada", options=holding(keys[2]))
    register(ada)
    add_offered_key(ada)

    with agent_with(tmp_path, *keys) as agent:
        by_agent = gateway.ssh("ada", env=agent)
        by_agent.wait_for("Message general")
        ben = gateway.ssh("ben", env=agent)
        ben.wait_for_cursor_under("Password")
        assert "ben" in ben.screen


def test_a_script_with_a_key_is_let_in_without_a_question_and_without_one_is_not(
    gateway: Gateway, tmp_path: Path
) -> None:
    key = make_key(tmp_path, "script")
    ada = gateway.ssh("ada", options=holding(key))
    register(ada)
    add_offered_key(ada)

    batch = ("-o", "BatchMode=yes")
    assert "Permission denied" not in gateway.run("ada", "ls", options=(*holding(key), *batch))[1]
    assert "Permission denied" in gateway.run("eve", "ls", options=(*holding(key), *batch))[1]
