"""Two clients that share a keyring change its tokens one after the other."""

import fcntl
import re
import subprocess
import sys
import time
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

import pytest

from chat_tui.storage import tokens as module
from chat_tui.storage.tokens import StoredToken, Tokens
from support.tui_keyring import Ring

# Keeps many tokens in a keyring that is a file, and notes there who reads and writes it.
_CLIENT: Final = """
import sys
import time
from pathlib import Path

from chat_tui.storage.tokens import Tokens

me, folder = sys.argv[1], Path(sys.argv[2])


class SlowRing:
    def _note(self, what):
        with (folder / "log").open("a") as log:
            log.write(f"{me} {what}\\n")
        time.sleep(0.002)

    def get_password(self, service, user):
        self._note("get")
        held = folder / "held"
        return held.read_text() if held.exists() else None

    def set_password(self, service, user, password):
        self._note("set")
        (folder / "held").write_text(password)


tokens = Tokens(folder / "sessions.json", SlowRing())
print("ready", flush=True)
sys.stdin.readline()
for number in range(40):
    assert tokens.keep("host:1", "ada", f"{me}-{number}") == ""
    time.sleep(0.01)  # so that the other one has its turn
"""


def test_of_two_processes_only_one_at_a_time_reads_and_writes_the_keyring(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _CLIENT]
    clients = [
        subprocess.Popen(
            [*command, name, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for name in ("one", "two")
    ]
    for client in clients:
        assert client.stdout is not None
        client.stdout.readline()
    for client in clients:
        assert client.stdin is not None
        client.stdin.close()  # go
    for client in clients:
        client.wait(timeout=60)
        assert client.stdout is not None
        client.stdout.close()

    assert [client.returncode for client in clients] == [0, 0]
    log = [line.split() for line in (tmp_path / "log").read_text().splitlines()]
    turns = [" ".join(what for _, what in turn) for _, turn in groupby(log, key=itemgetter(0))]
    # A change reads what is stored, if anything is, writes, and looks whether that has arrived.
    assert [
        turn for turn in turns if not re.fullmatch(r"(get )?set get( get set get)*", turn)
    ] == []


def test_a_change_waits_for_another_clients_and_says_so_if_that_takes_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOCKED_WITHIN", 0.05)
    path, ring = tmp_path / "sessions.json", Ring()
    tokens = Tokens(path, ring)
    tokens.keep("host:1", "ada", "old")
    with (tmp_path / "sessions.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        started = time.monotonic()
        problem = tokens.keep("host:1", "ada", "new")

    assert problem.endswith(f"can't write {path}: another program has locked it.")
    assert time.monotonic() - started >= 0.05
    assert tokens.find("host:1", "ada") == StoredToken("ada", "old")
    assert tokens.keep("host:1", "ada", "new") == ""


def test_a_log_out_deletes_the_token_even_if_another_client_holds_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOCKED_WITHIN", 0.05)
    ring = Ring()
    tokens = Tokens(tmp_path / "sessions.json", ring)
    tokens.keep("host:1", "ada", "old")
    with (tmp_path / "sessions.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        tokens.forget("host:1")

    assert not ring.held
    assert tokens.find("host:1", "ada") is None


def test_the_token_of_the_account_before_stays_until_the_new_one_is_stored(tmp_path: Path) -> None:
    """Another client that reads at any moment finds the one or the other."""
    ring = Ring()
    tokens = Tokens(tmp_path / "sessions.json", ring)
    tokens.keep("host:1", "ada", "hers")
    found: list[StoredToken | None] = []
    set_password = ring.set_password

    class Watched(Ring):
        def set_password(self, service_name: str, username: str, password: str) -> None:
            found.append(tokens.find("host:1", ""))
            set_password(service_name, username, password)
            found.append(tokens.find("host:1", ""))

    watched = Watched()
    watched.held = ring.held
    Tokens(tmp_path / "sessions.json", watched).keep("host:1", "ben", "his")

    assert found == [StoredToken("ada", "hers")] * 2
    assert tokens.find("host:1", "") == StoredToken("ben", "his")
    assert list(ring.held.values()) == ["his"]
