"""A server that was started in a terminal stops when its window is closed."""

import os
import pty
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

SERVER = Path(sys.executable).with_name("chat-server")


def _start_in_a_terminal(folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Return a running server and the other end of its terminal."""
    ours, theirs = pty.openpty()
    command = [str(SERVER), "--listen", "tcp://127.0.0.1:0", "--data", str(folder)]
    # Buffered, as for most users: what stays in a buffer fails at the exit.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    server = subprocess.Popen(command, preexec_fn=partial(os.login_tty, theirs), env=env)
    os.close(theirs)
    shown = b""
    while b"listening on tcp://127.0.0.1:" not in shown:
        shown += os.read(ours, 1000)
    return server, ours


@pytest.mark.usefixtures("heeded_signals")
def test_closing_its_terminal_shuts_a_server_down(tmp_path: Path) -> None:
    server, terminal = _start_in_a_terminal(tmp_path)

    os.close(terminal)

    assert server.wait(30) == 0
