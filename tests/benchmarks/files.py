"""Files: their speed, and what posts wait beside them.

`cd tests && ../.venv/bin/python -m benchmarks.files`

First one file up and down without limits, over a Unix socket and over TLS, and the memory of the
server meanwhile. Then a person posts on a server with its default limits, in turns alone and beside
ten transfers of ten other people, whose client is a process of its own.
"""

import argparse
import contextlib
import hashlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import trio

from benchmarks.machine import choose_cores, peak_memory
from benchmarks.processes import running, wait_line
from chat_shared import messages as m
from chat_shared.limits import MAX_CHUNK
from support.peer import Peer, greeted
from support.server_process import COMMAND
from support.tls import encrypted

WINDOW: Final = 8  # chunks under way: as many as the protocol's page recommends at most
FILE: Final = 25_000_000  # bytes
SMALL: Final = 5_000_000  # bytes of the files that are uploaded again and again beside posts
TRANSFERS: Final = 10
POSTS_PER_SECOND: Final = 40.0

_WIDE: Final = [
    *("--limits.transfer-burst", "1000000000000", "--limits.free-disk", "0"),
    *("--limits.requests", "1000000"),
]
_HEAD_START: Final = 1.5  # seconds: an interpreter's start
_REPORT: Final = 0.5  # seconds
_CORES: Final = choose_cores()
_NICENESS: Final = 10
_REPLIES: Final = tuple(
    b'{"type":"%s"' % kind for kind in (b"upload", b"chunk", b"error", b"accepted", b"ok")
)
_TALK: Final = ["--limits.posts", "1000000", "--limits.free-disk", "0"]


class Wire:
    """One end of a connection that sends frames which are ready, and hardly looks at replies."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._rest = b""
        self.moved = 0  # bytes, both ways

    async def send(self, data: bytes) -> None:
        await self._stream.send_all(data)
        self.moved += len(data)

    async def line(self) -> bytes:
        """Return the next reply; events are skipped."""
        while True:
            line, end, rest = self._rest.partition(b"\n")
            if end:
                self._rest = rest
                if line.startswith(_REPLIES):
                    return line
            elif more := await self._stream.receive_some(1 << 20):
                self._rest += bytes(more)
                self.moved += len(more)
            else:
                raise trio.BrokenResourceError

    async def ask(self, frames: list[bytes]) -> bytes:
        """Send `frames` in one write; return the last reply that is no error, and wait if told."""
        await self.send(b"".join(frames))
        last, pause = b"", 0.0
        for _ in frames:
            reply = await self.line()
            if reply.startswith(b'{"type":"error"'):
                pause = max(pause, json.loads(reply).get("retry_after", 1.0))
            else:
                last = reply
        await trio.sleep(pause)
        return last


class Content:
    """A file whose chunks are encoded in advance."""

    def __init__(self, size: int, seed: int) -> None:
        data = random.Random(seed).randbytes(size)
        self.size = size
        self._digest = hashlib.sha256(data).hexdigest()
        self._chunks = [
            m.encode(m.SendChunk(1, at, data[at : at + MAX_CHUNK], id=2)).split(b'"upload":1', 1)
            for at in range(0, size, MAX_CHUNK)
        ]

    async def upload(self, wire: Wire) -> int:
        """Upload it; return its number."""
        begin = m.Upload("general", "file", self.size, self._digest, id=1)
        state = json.loads(await wire.ask([m.encode(begin)]))
        upload, at = state["upload"], state["at"]
        while at < self.size:
            first = at // MAX_CHUNK
            window = self._chunks[first : first + WINDOW]
            reply = await wire.ask([(b'"upload":%d' % upload).join(parts) for parts in window])
            at = json.loads(reply)["at"] if reply else at
        return int(upload)

    async def download(self, wire: Wire, file: int) -> None:
        """Download it, from the first byte to the last."""
        starts = range(0, self.size, MAX_CHUNK)
        waiting = [m.encode(m.Download(file, at, id=3)) for at in starts]
        for first in range(0, len(waiting), WINDOW):
            window = waiting[first : first + WINDOW]
            while not (await wire.ask(window)).startswith(b'{"type":"chunk"'):
                pass


@asynccontextmanager
async def _open(address: str) -> AsyncGenerator[trio.abc.Stream]:
    scheme, _, rest = address.partition("://")
    if scheme == "unix":
        stream: trio.abc.Stream = await trio.open_unix_socket(rest)
    else:
        host, _, port = rest.rpartition(":")
        stream = await trio.open_tcp_stream(host.strip("[]"), int(port))
        stream = await encrypted(stream) if scheme == "tls" else stream
    async with stream:
        yield stream


@contextlib.contextmanager
def _server(folder: Path, scheme: str, flags: list[str]) -> Iterator[tuple[int, str]]:
    """Run a server; yield its process and its address."""
    listen = f"unix://{folder}/s" if scheme == "unix" else f"{scheme}://127.0.0.1:0"
    argv = [COMMAND, "--data", str(folder / "data"), "--listen", listen, *flags]
    with running(argv, folder, _CORES.server) as process:
        yield process.pid, wait_line(process, folder).removeprefix("listening on ")


async def _speed(address: str, pid: int) -> str:
    """Return what one file up and down takes, and the server's memory."""
    async with _open(address) as stream:
        peer = await greeted(stream)
        await peer.register("ada")
        wire, content = Wire(stream), Content(FILE, seed=1)
        before = peak_memory(pid)
        up, file = await _timed(partial(content.upload, wire))
        await wire.ask([m.encode(m.Post("general", "", "n1", files=(file,), id=4))])
        down, _ = await _timed(partial(content.download, wire, file))
        grown = peak_memory(pid) - before
    rates = f"up {FILE / up / 1e6:.0f} MB/s, down {FILE / down / 1e6:.0f} MB/s"
    return f"{rates}; the server's memory grew by {grown / 1e6:.1f} MB"


async def _timed(act: Callable[[], Awaitable[Any]]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = await act()
    return time.perf_counter() - began, result


async def transfer(address: str) -> None:
    """Upload with half of the people, and download with the others, until the process ends.

    Nicely: what a post waits for is the server, and not this client on the core of its author.
    """
    os.nice(_NICENESS)
    wires: list[Wire] = []
    content = Content(SMALL, seed=2)
    async with trio.open_nursery() as nursery:
        for number in range(TRANSFERS):
            nursery.start_soon(_transfer_one, address, number, content, wires)
        while True:
            await trio.sleep(_REPORT)
            show(f"{sum(wire.moved for wire in wires)}")


async def _transfer_one(address: str, number: int, content: Content, wires: list[Wire]) -> None:
    async with _open(address) as stream:
        await (await greeted(stream)).register(f"bulk{number}-{os.getpid()}")
        wire = Wire(stream)
        wires.append(wire)
        file = await content.upload(wire)
        if number % 2:
            post = m.Post("general", "", "n1", files=(file,), id=4)
            await wire.ask([m.encode(post)])
        while True:
            if number % 2:
                await content.download(wire, file)
            else:
                await wire.ask([m.encode(m.CancelUpload(file, id=5))])
                file = await content.upload(wire)


async def _posts(peer: Peer, seconds: float) -> list[float]:
    """Return the seconds from a post to its reply, at a fixed rate."""
    waits = []
    due = trio.current_time()
    for number in range(int(seconds * POSTS_PER_SECOND)):
        await trio.sleep_until(due)
        due += 1 / POSTS_PER_SECOND
        began = time.perf_counter()
        await peer.post(f"hello {number}")
        waits.append(time.perf_counter() - began)
        peer.unread.clear()
    return waits


async def _latency(address: str, rounds: int, seconds: float) -> None:
    alone: list[float] = []
    beside: list[float] = []
    async with _open(address) as stream:
        peer = await greeted(stream)
        await peer.register("ada")
        await _posts(peer, 1.0)
        for number in range(rounds):
            quiet = await _posts(peer, seconds)
            with _transferring(address) as moved:
                await trio.sleep(_HEAD_START)
                busy = await _posts(peer, seconds)
            await trio.sleep(0.5)
            alone, beside = alone + quiet, beside + busy
            show(f"round {number + 1}: alone {_shown(quiet)}; beside {_shown(busy)}, {moved()}")
    ratios = [_quantile(beside, part) / _quantile(alone, part) for part in (50, 99)]
    show(f"alone {_shown(alone)}; beside {TRANSFERS} transfers {_shown(beside)}")
    show(f"beside ÷ alone: p50 {ratios[0]:.2f}, p99 {ratios[1]:.2f}")


@contextlib.contextmanager
def _transferring(address: str) -> Iterator[Callable[[], str]]:
    """Run the client of the transfers; yield what tells, afterwards, how fast they were."""
    argv = [sys.executable, "-m", "benchmarks.files", "--transfer", address]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    reports: list[int] = []
    try:
        yield lambda: f"{reports[-1] / (len(reports) * _REPORT) / 1e6:.0f} MB/s"
    finally:
        process.kill()
        output, _ = process.communicate()
        reports += map(int, output.splitlines())


def _quantile(waits: list[float], part: int) -> float:
    return statistics.quantiles(waits, n=100)[part - 1]


def _shown(waits: list[float]) -> str:
    middle, high = _quantile(waits, 50) * 1000, _quantile(waits, 99) * 1000
    return f"p50 {middle:.2f} ms, p99 {high:.2f} ms"


def show(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    os.sched_setaffinity(0, {_CORES.generator})
    parser = argparse.ArgumentParser(prog="python -m benchmarks.files", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--transfer", metavar="ADDRESS", help="be the client of the transfers")
    arguments = parser.parse_args()
    if arguments.transfer:
        with contextlib.suppress(OSError, trio.BrokenResourceError):
            trio.run(transfer, arguments.transfer)
        return
    for scheme in "unix", "tls":
        with (
            tempfile.TemporaryDirectory(prefix="files-") as path,
            _server(Path(path), scheme, _WIDE) as (pid, address),
        ):
            show(f"{scheme}: {trio.run(_speed, address, pid)}")
    with (
        tempfile.TemporaryDirectory(prefix="files-") as path,
        _server(Path(path), "unix", _TALK) as (_, address),
    ):
        trio.run(_latency, address, arguments.rounds, arguments.seconds)


if __name__ == "__main__":
    main()
