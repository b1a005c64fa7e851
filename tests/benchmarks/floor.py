"""The lower bound of a broadcast: what the kernel and the disk cost if all else were free.

A server that sends a block of messages to N members makes N writes of it, in any language. Here
one process makes them on one core and this one reads them on another, over the loopback, with
blocks as long as this server's and as long as IRC's. The result is a bound: a server that makes
one write per member and batch cannot deliver more on this machine.

The other bound is that of a single message: storing it before it is sent takes one disk write.
"""

import argparse
import contextlib
import multiprocessing
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Final

from benchmarks.machine import Cores, allow_files, choose_cores
from benchmarks.native import cache_folder
from benchmarks.texts import body
from chat_shared.messages import Posted, encode_all

#: Messages of one block: 10 senders with 4 in flight each, as in the closed loops.
MESSAGES: Final = 40

#: Rounds that are discarded: the first ones have cold caches.
_WARM_UP: Final = 5

#: Bytes that one read takes at most.
_READ_SIZE: Final = 1 << 20

#: Bytes that a single message changes at least: one page of the database.
_PAGE: Final = 4096

#: Seconds between two of them: an idle disk answers more slowly than a busy one.
_PAUSE: Final = 0.01

#: Seconds for the other process to finish a round, or to exit.
_STUCK: Final = 10.0


@dataclass(frozen=True)
class Floor:
    """The cost of a write: microseconds of processor time, one figure per round."""

    members: int
    label: str
    block: int  # bytes
    costs: Sequence[float]

    def __str__(self) -> str:
        middle = statistics.median(self.costs)
        return (
            f"{self.members:7,}  {self.label:<11}  {self.block:6,}"
            f"   {middle:5.2f}  [{min(self.costs):.2f} … {max(self.costs):.2f}]"
            f"   {MESSAGES / middle:5.2f} M"
        )


def blocks() -> dict[str, bytes]:
    """Return the written block, as this server and as an IRC server would write it."""
    text = body(1).decode()
    at, nonce = "2026-11-22T09:30:00.000Z", "18eaffa804df369d000000c9"
    event = Posted("bench0", 12345, "m00001", text, at, nonce)
    line = f":m00001!m00001@127.0.0.1 PRIVMSG #bench0 :{text}\r\n"
    return {"chat-server": encode_all([event] * MESSAGES), "IRC": line.encode() * MESSAGES}


def measure(members: int, label: str, block: bytes, rounds: int, cores: Cores) -> Floor:
    """Write `block` to `members` connections, `rounds` times. Raises NotMeasured."""
    allow_files(2 * members)
    with _connections(members) as (readers, writers), _writer(writers, block, cores) as pipe:
        costs = [_round(pipe, readers, len(block)) for _ in range(_WARM_UP + rounds)]
    return Floor(members, label, len(block), costs[_WARM_UP:])


@contextlib.contextmanager
def _connections(count: int) -> Iterator[tuple[list[socket.socket], list[socket.socket]]]:
    """Open `count` connections over the loopback; yield their two ends."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        readers, writers = [], []
        for _ in range(count):
            readers.append(stack.enter_context(socket.create_connection(listener.getsockname())))
            writers.append(stack.enter_context(listener.accept()[0]))
            readers[-1].setblocking(False)
            writers[-1].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield readers, writers


@contextlib.contextmanager
def _writer(streams: Sequence[socket.socket], block: bytes, cores: Cores) -> Iterator[Pipe]:
    """Run a process that writes `block` to all of `streams` on request over the pipe."""
    ours, theirs = multiprocessing.Pipe()
    fork = multiprocessing.get_context("fork")  # inherits the sockets
    process = fork.Process(target=_write, args=(theirs, streams, block, cores), daemon=True)
    process.start()
    try:
        yield ours
    finally:
        ours.send(False)
        process.join(_STUCK)


def _write(pipe: Pipe, streams: Sequence[socket.socket], block: bytes, cores: Cores) -> None:
    """Answer each `True` with the microseconds of one write; exit on `False`."""
    os.sched_setaffinity(0, {cores.server})
    descriptors = [stream.fileno() for stream in streams]
    while pipe.recv():
        before = time.process_time()
        for descriptor in descriptors:
            os.write(descriptor, block)
        pipe.send((time.process_time() - before) / len(descriptors) * 1e6)


def _round(pipe: Pipe, readers: Sequence[socket.socket], size: int) -> float:
    """Have one block written to all readers and read it; return the cost of a write."""
    pipe.send(True)
    buffer = bytearray(_READ_SIZE)
    missing = dict.fromkeys(readers, size)
    deadline = time.monotonic() + _STUCK
    while missing and time.monotonic() < deadline:
        for reader in list(missing):
            with contextlib.suppress(BlockingIOError):
                missing[reader] -= reader.recv_into(buffer)
                if not missing[reader]:
                    del missing[reader]
    cost: float = pipe.recv()
    return cost


def sync(folder: Path, rounds: int) -> Sequence[float]:
    """Write a page to disk in `folder`, `rounds` times; return the milliseconds of each."""
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        return [_sync(file.fileno()) for _ in range(_WARM_UP + rounds)][_WARM_UP:]


def _sync(descriptor: int) -> float:
    time.sleep(_PAUSE)
    before = time.perf_counter()
    os.pwrite(descriptor, bytes(_PAGE), 0)
    os.fdatasync(descriptor)
    return (time.perf_counter() - before) * 1e3


def report(members: Sequence[int], rounds: int, cores: Cores) -> Iterator[str]:
    """Measure everything; yield each line as soon as it is known."""
    yield "members  block of      bytes   µs per write (rounds)   deliveries/CPU-s at most"
    for count in members:
        for label, block in blocks().items():
            yield str(measure(count, label, block, rounds, cores))
    times = sync(cache_folder(), rounds)
    middle = statistics.median(times)
    yield f"a page on disk: {middle:.2f} ms  [{min(times):.2f} … {max(times):.2f}]"


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floor", description=__doc__)
    parser.add_argument(
        "--members", type=int, nargs="+", default=[50, 100, 400, 1000, 2000], metavar="N"
    )
    parser.add_argument("--rounds", type=int, default=200, help="Run this many rounds of each size")
    options = parser.parse_args(argv)
    cores = choose_cores()
    os.sched_setaffinity(0, {cores.generator})
    for line in report(options.members, options.rounds, cores):
        print(line, flush=True)  # noqa: T201 - the output of the program


if __name__ == "__main__":
    main()
