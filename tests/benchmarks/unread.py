"""Jumping to the first unread message: `cd tests && ../.venv/bin/python -m benchmarks.unread`.

The installed `chat-tui` in a terminal of its own, in a room with 100,000 messages of which half are
read. Measured is the time from the key that jumps to the first unread message until it is shown: a
request, a page of messages around that place, and a redraw of the log.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from benchmarks.asking import asking
from benchmarks.crowd import Seating
from benchmarks.first_paint import read_until
from benchmarks.keystroke import ENTER, PASSWORD, client
from benchmarks.machine import choose_cores
from benchmarks.native import ChatServer, cache_folder, token
from chat_server.accounts.passwords import argon2

_GENERAL: Final = "general"
_NOW: Final = 1_767_225_600_000  # milliseconds since 1970
_TO_FIRST_UNREAD: Final = b"\x1b[1;5H"  # Ctrl+Home


@dataclass(frozen=True)
class ServerWithMessages(ChatServer):
    """Our server, starting with `messages` by the second account in the general room."""

    messages: int = 0

    def fill_database(self, path: Path, seating: Seating) -> None:
        super().fill_database(path, seating)
        db = apsw.Connection(str(path))
        with db:
            db.execute("UPDATE account SET password = ? WHERE id = 1", (argon2().hash(PASSWORD),))
            db.executemany(
                "INSERT INTO message (room, seq, author, at, nonce, text)"
                " SELECT id, :seq, 2, :at, :nonce, :text FROM room WHERE key = :room",
                (_message(seq) for seq in range(1, self.messages + 1)),
            )
            db.execute("UPDATE room SET last_seq = ? WHERE key = ?", (self.messages, _GENERAL))
        db.close()


def _message(seq: int) -> dict[str, str | int]:
    text = _text(seq)
    return {
        "seq": seq,
        "at": _NOW + 1000 * seq,
        "nonce": f"{seq:024x}",
        "text": text,
        "room": _GENERAL,
    }


def _text(seq: int) -> str:
    return f"message {seq}. in this room"


def measure(port: int, read: int, newest: int) -> float:
    """Start the client, jump to the first unread message, and return the seconds it took."""
    with asking(port) as asker:
        asker.ask("resume", token=token(0), seen={})
        asker.ask("read", room=_GENERAL, seq=read)
    with (
        tempfile.TemporaryDirectory() as home,
        client(f"tcp://127.0.0.1:{port}", home, "m00000") as terminal,
    ):
        read_until(terminal, b"Password")
        os.write(terminal, PASSWORD.encode() + ENTER)
        read_until(terminal, _text(newest).encode())
        started = time.perf_counter()
        os.write(terminal, _TO_FIRST_UNREAD)
        read_until(terminal, _text(read + 1).encode())
        return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.unread", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    server = ServerWithMessages(messages=options.messages)
    with (
        tempfile.TemporaryDirectory(dir=cache_folder(), prefix="unread-") as folder,
        server.running(Path(folder), choose_cores().server, Seating(2)) as running,
    ):
        port = running.address.port
        every = range(options.rounds)
        times = [measure(port, options.messages // 2, options.messages) * 1000 for _ in every]
    sys.stdout.write(
        f"{options.messages:,} messages, half of them read: the first unread message is shown after"
        f" {statistics.median(times):.0f} ms (median; {min(times):.0f} to {max(times):.0f})\n"
    )


if __name__ == "__main__":
    main()
