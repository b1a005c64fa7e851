"""The client quits without Ctrl+Q and restores the terminal."""

import os
import pty
import signal
import subprocess
import sys
import termios
from functools import partial
from pathlib import Path

from support.terminal import Desk

_SCREEN_RESTORED = b"\x1b[?1049l"
_MOUSE_RESTORED = b"\x1b[?1000l"


def test_a_signal_quits_the_client_cleanly(table: Desk) -> None:
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    clients = {number: table.open("chat-tui", home=number.name) for number in signals}

    for number, client in clients.items():
        client.wait_for("Password")
        os.kill(client.pid, number)

    for client in clients.values():
        assert client.wait_for_end() == 0
        assert _SCREEN_RESTORED in client.received
        assert _MOUSE_RESTORED in client.received
        assert b"Traceback" not in client.received


def test_a_signal_ends_a_client_whose_terminal_takes_nothing(table: Desk) -> None:
    client = table.open("chat-tui", home="ada")
    client.wait_for("Password")
    terminal = os.open(f"/proc/{client.pid}/fd/1", os.O_RDWR | os.O_NOCTTY)
    termios.tcflow(terminal, termios.TCOOFF)  # as by Ctrl+S
    os.close(terminal)
    client.type("more than waits until it can be written")

    os.kill(client.pid, signal.SIGTERM)

    assert client.wait_for_end() == 128 + signal.SIGTERM


def test_ctrl_c_does_not_quit_but_shows_how_to(table: Desk) -> None:
    client = table.open("chat-tui", home="ada")
    client.wait_for("Password")

    client.press("ctrl+c")

    client.wait_for("To quit, press Ctrl+Q")


def test_bytes_that_are_no_utf_8_do_not_quit_the_client(table: Desk) -> None:
    client = table.open("chat-tui", home="ada")
    client.wait_for("Password")

    os.write(client.fileno(), b"chat\xe9.example\x1b[M \xf0\xe1")

    client.wait_for("chat\ufffd.example")
    client.press("ctrl+q")
    assert client.wait_for_end() == 0


def test_the_client_quits_when_its_terminal_closes(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = Path(sys.executable).with_name("chat-tui")
    home = {**os.environ, "HOME": str(tmp_path), "TERM": "xterm-256color"}
    argv = [str(command), "--local", "--name", "ada"]
    client = subprocess.Popen(argv, preexec_fn=partial(os.login_tty, theirs), env=home)
    os.close(theirs)
    _read_until(ours, b"Password")
    os.write(ours, b"\rcorrect horse\r")  # from the name to the password
    _read_until(ours, b"Repeat the")
    os.write(ours, b"correct horse\r")
    _read_until(ours, b"essage general")

    os.close(ours)

    assert client.wait(30) == 0


def _read_until(terminal: int, words: bytes) -> None:
    shown = b""
    while words not in shown:
        shown += os.read(terminal, 65_536)
