"""Others' waits during attacks: `cd tests && ../.venv/bin/python -m benchmarks.siege`.

A server with its default limits on an empty folder for each attack, five people who ping,
post, search and log in within their limits, and one process that attacks. The first row is without
an attack. Memory (peak) and disk (growth) are in MiB.
"""

import argparse
import contextlib
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import apsw
import trio

from benchmarks.asking import asking
from benchmarks.machine import allow_files, choose_cores, peak_memory
from benchmarks.processes import free_port, running, wait_accepting
from benchmarks.siege.attacks import ATTACKS
from benchmarks.siege.witness import Waits, registered, summary, watch
from support.peer import greeted
from support.server_process import COMMAND

CALM: Final = "calm"
ACCOUNTS: Final = 5  # of the attacker
MESSAGES: Final = 4_000  # of 8,000 characters in general, before some attacks
READERS: Final = ("searching", "stalling")
_HEAD_START: Final = 1.5  # seconds: an interpreter's start
_MIB: Final = 2**20


def measure(name: str, seconds: float) -> str:
    """Return the row of one attack."""
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path)
        data = folder / "data"
        with _server(folder, data) as (_, port, _):
            tokens = trio.run(registered, port)
            enemies = trio.run(_enemies, port)
        if name in READERS:
            _write_messages(data / "chat.db")
        with _server(folder, data) as (process, port, tls_port):
            if name in READERS:
                _wait_for_index(port, tokens[0])
            before = _size(data)
            with _attack(name, (port, tls_port), seconds, enemies):
                waits = trio.run(watch, port, tokens, seconds)
            used = peak_memory(process.pid), _size(data) - before, _size(folder / "stderr")
        return _row(name, waits, *used)


@contextlib.contextmanager
def _server(folder: Path, data: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, int]]:
    """Run a server; yield it, its port, and the one with TLS."""
    port, tls_port = free_port(), free_port()
    listen = f"--listen=tcp://127.0.0.1:{port}", f"--listen=tls://127.0.0.1:{tls_port}"
    command = [COMMAND, "--data", str(data), *listen]
    with running(command, folder, choose_cores().server) as process:
        wait_accepting(process, ("127.0.0.1", port), folder)
        yield process, port, tls_port


async def _enemies(port: int) -> list[str]:
    """Register the attacker's accounts, each from an address of its own; return their tokens."""
    tokens = []
    for number in range(ACCOUNTS):
        source = f"127.0.3.{1 + number}"
        stream = await trio.open_tcp_stream("127.0.0.1", port, local_address=source)
        async with stream:
            peer = await greeted(stream)
            await peer.register(f"enemy{number}")
            tokens.append(peer.token)
    return tokens


@contextlib.contextmanager
def _attack(
    name: str, ports: tuple[int, int], seconds: float, tokens: Sequence[str]
) -> Iterator[None]:
    if name == CALM:
        yield
        return
    module = [sys.executable, "-m", "benchmarks.siege.attacks"]
    # Nicer than the people who are measured on the same core.
    command = [
        "nice",
        "-n",
        "10",
        *module,
        name,
        *map(str, ports),
        str(seconds + _HEAD_START),
        *tokens,
    ]
    with subprocess.Popen(command) as process:
        try:
            time.sleep(_HEAD_START)
            yield
        finally:
            process.terminate()


def _write_messages(database: Path) -> None:
    """Write messages into general in which every phrase of the attack nearly begins."""
    db = apsw.Connection(str(database))
    (room,) = db.execute("SELECT id FROM room WHERE key = 'general'").fetchall()[0]
    insert = "INSERT INTO message (room, seq, author, at, nonce, text) VALUES (?, ?, 1, 1, ?, ?)"
    seqs = range(1, MESSAGES + 1)
    with db:
        db.executemany(insert, ((room, seq, f"{seq:024x}", "a b " * 1_999) for seq in seqs))
        db.execute("UPDATE room SET last_seq = ? WHERE id = ?", (MESSAGES, room))
    db.close()


def _wait_for_index(port: int, token: str) -> None:
    """Wait until the newest message is found."""
    with asking(port) as asker:
        asker.ask("resume", token=token, seen={})
        newest: list[int] = []
        while newest != [MESSAGES]:
            time.sleep(1)  # a search for what every message has costs much of what it may
            hits = asker.ask("search", words="a", limit=1)["hits"]
            newest = [hit["seq"] for hit in hits]


def _size(path: Path) -> int:
    """Return the bytes in a file, or in the files of a folder."""
    files = path.iterdir() if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)


def _row(name: str, waits: Waits, memory: int, disk: int, log: int) -> str:
    kinds = "  ".join(
        f"{summary(kind):26}" for kind in (waits.pongs, waits.posts, waits.searches, waits.log_ins)
    )
    return f"{name:18}{kinds}{memory / _MIB:6.0f}{disk / _MIB:6.0f}{log / 1_000:8.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.siege", description=__doc__)
    parser.add_argument("attacks", nargs="*", choices=[CALM, *ATTACKS, []], metavar="ATTACK")
    parser.add_argument("--seconds", type=float, default=8.0, help="Attack for this long")
    options = parser.parse_args()
    allow_files(1_000)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    heads = (f"{kind + ' ms: p50      max':26}" for kind in ("pong", "post", "search", "log-in"))
    sys.stdout.write(f"{'':18}{'  '.join(heads)}memory  disk  log kB\n")
    for name in options.attacks or [CALM, *ATTACKS]:
        sys.stdout.write(measure(name, options.seconds) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
