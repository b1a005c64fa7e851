"""The time until the log-in form: `cd tests && ../.venv/bin/python -m benchmarks.first_paint`.

Starts the installed `chat-tui HOST` in a terminal of its own, with an empty
home, and measures the time until the form is shown. A first run that does not count
fills the caches, as an installation would. The CPU time shows how much of the
wait was due to other processes.
"""

import fcntl
import os
import pty
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 5
COLUMNS, LINES = 120, 36
FORM = b"Password"  # the label of a field of the form
COMMAND = Path(sys.executable).with_name("chat-tui")
PERSONAL = ("XDG_", "CHAT_", "TEXTUAL", "TMUX", "NO_COLOR")


@dataclass(frozen=True, slots=True)
class Paint:
    """Seconds until the form was shown: wall time and CPU time."""

    wall: float
    cpu: float


def first_paint(home: str, program: list[str]) -> Paint:
    """Run `program` until it has drawn the form. Raises EOFError if it ends before."""
    started = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(program[0], program, environment(home))
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    try:
        read_until(terminal, FORM)
        wall = time.perf_counter() - started
    finally:
        os.kill(pid, signal.SIGKILL)
        _, _, usage = os.wait4(pid, 0)
        os.close(terminal)
    return Paint(wall, usage.ru_utime + usage.ru_stime)


def read_until(terminal: int, text: bytes) -> None:
    """Read the output of the terminal up to `text`. Raises EOFError."""
    seen = b""
    while text not in seen:
        try:
            seen += os.read(terminal, 65536)
        except OSError:  # how Linux reports that the other end is closed
            raise EOFError(seen.decode(errors="replace")) from None


def environment(home: str) -> dict[str, str]:
    """Return the environment of a user who starts the client for the first time."""
    impersonal = {k: v for k, v in os.environ.items() if not k.startswith(PERSONAL)}
    return {**impersonal, "HOME": home, "TERM": "xterm-256color", "COLORTERM": "truecolor"}


def main() -> None:
    program = [str(COMMAND), "chat.example.org"]
    with tempfile.TemporaryDirectory() as home:
        paints = [first_paint(home, program) for _ in range(1 + ROUNDS)][1:]
    for name, times in (
        ("wall", [paint.wall for paint in paints]),
        ("CPU", [paint.cpu for paint in paints]),
    ):
        middle, least, most = statistics.median(times), min(times), max(times)
        sys.stdout.write(
            f"first paint, {name:<5} median {middle:.2f} s  ({least:.2f} to {most:.2f})\n"
        )
    sys.stdout.write(f"load {os.getloadavg()[0]:.1f}\n")


if __name__ == "__main__":
    main()
