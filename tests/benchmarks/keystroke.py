"""From a key to the screen: `cd tests && ../.venv/bin/python -m benchmarks.keystroke`.

The installed `chat-tui` in a terminal of its own, in a room where 10,000
messages arrived while it was open: at the end of the log and further up. The
server is a fake in memory, which is idle while keys are pressed.
"""

import asyncio
import fcntl
import os
import pty
import signal
import statistics
import struct
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.first_paint import COLUMNS, COMMAND, LINES, environment, read_until
from support.fake_server import FakeServer
from support.tui_server import tiny_server

MESSAGES = 10_000
KEYS = 50
LETTERS = map(chr, range(0x100, 0x250))  # each once: a redrawn letter is not a new key
PAUSE = 0.05  # seconds between two keys: a person types no faster
PASSWORD = "correct horse"
PAGE_UP, ENTER = b"\x1b[5~", b"\r"


class Room:
    """A server with one room, in its own thread."""

    def __init__(self) -> None:
        self._fake = FakeServer()
        self._fake.account("ada", PASSWORD)
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._ready = threading.Event()
        self.port = 0

    def run(self) -> None:
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        async with tiny_server(self._fake) as server:
            self.port = server.address.port
            self._ready.set()
            await self._end.wait()

    def wait_ready(self) -> None:
        self._ready.wait()

    def post(self, count: int) -> None:
        self._loop.call_soon_threadsafe(self._post, count)

    def _post(self, count: int) -> None:
        for number in range(1, count + 1):
            self._fake.post("general", "linus", f"line {number} of this conversation" * 3)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)


@contextmanager
def room() -> Iterator[Room]:
    own = Room()
    thread = threading.Thread(target=own.run)
    thread.start()
    own.wait_ready()
    try:
        yield own
    finally:
        own.end()
        thread.join()


@contextmanager
def client(server: str, home: str, name: str = "ada") -> Iterator[int]:
    """Start the client and yield its terminal."""
    program = [str(COMMAND), server, "--name", name]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(program[0], program, environment(home))
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    try:
        yield terminal
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def keystroke(terminal: int) -> float:
    """Press a key and return the seconds until it is drawn."""
    key = next(LETTERS).encode()
    time.sleep(PAUSE)
    started = time.perf_counter()
    os.write(terminal, key)
    read_until(terminal, key)
    return time.perf_counter() - started


def measure(terminal: int, name: str) -> None:
    times = [1000 * keystroke(terminal) for _ in range(KEYS)]
    middle, most = statistics.median(times), max(times)
    sys.stdout.write(f"keystroke, {name:<10} median {middle:5.1f} ms  (at most {most:.1f})\n")


def main() -> None:
    with (
        room() as server,
        tempfile.TemporaryDirectory() as home,
        client(f"tcp://127.0.0.1:{server.port}", home) as terminal,
    ):
        read_until(terminal, b"Password")
        os.write(terminal, PASSWORD.encode() + ENTER)
        read_until(terminal, b"Message general")
        server.post(MESSAGES)
        read_until(terminal, f"line {MESSAGES}".encode())
        measure(terminal, "at the end")
        os.write(terminal, PAGE_UP * 5)
        measure(terminal, "further up")
    sys.stdout.write(f"{MESSAGES:,} messages, load {os.getloadavg()[0]:.1f}\n")


if __name__ == "__main__":
    main()
