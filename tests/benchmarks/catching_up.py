"""All return at once to a busy room: `cd tests && ../.venv/bin/python -m benchmarks.catching_up`.

A thousand members, who all missed the same messages, resume at the same moment, while twenty
others go on posting. Measured are the seconds until the last has received all that it missed, the
processor time of the server until then, and what those who stayed waited for their posts. Whatever
the figures are, everybody must have received each message once and in order.
"""

import argparse
import contextlib
import os
import select
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.connections import WOULD_BLOCK, Connection, connect
from benchmarks.crowd import Address, Seating
from benchmarks.machine import Cores, NotMeasured, allow_files, choose_cores, usage
from benchmarks.native import ChatServer, cache_folder, token
from benchmarks.storm import show
from benchmarks.those_who_stay import STAY, Frame, Staying, decode, staying

ROOM: Final = "bench0"

#: Seconds for all to catch up before the server counts as stuck.
_STUCK: Final = 120.0

_READ_SIZE: Final = 1 << 16
_POSTED: Final = b'"type":"posted"'


@dataclass(eq=False, slots=True)
class Member:
    """One who returns: its connection, and all that it received."""

    connection: Connection
    received: list[bytes] = field(default_factory=list)

    def read(self, buffer: memoryview) -> None:
        """Take what has arrived. Raises NotMeasured if the server has closed the connection."""
        connection = self.connection
        with contextlib.suppress(*WOULD_BLOCK):
            size = connection.stream.recv_into(buffer)
            if not size:
                raise NotMeasured(f"the server closed connection {connection.number}")
            self.received.append(bytes(buffer[:size]))
            data = connection.tail + self.received[-1]
            connection.deliveries += data.count(_POSTED)
            connection.tail = data[1 - len(_POSTED) :]

    def check(self, seen: int) -> None:
        """Raise NotMeasured unless it received each message after `seen` once, in order.

        Or a gap: so many may be posted meanwhile that the server leaves some to be loaded.
        """
        for line in b"".join(self.received).split(b"\n")[:-1]:
            frame = decode(line)
            if frame.type == "posted" and frame.seq == seen + 1:
                seen = frame.seq
            elif frame.type == "gap" and frame.after == seen:
                seen = frame.before - 1
            elif frame.type in ("posted", "gap"):
                raise NotMeasured(f"{line!r} does not follow message {seen}")


@dataclass(frozen=True)
class Return:
    """One return of all members."""

    seconds: float
    cpu: float
    #: Seconds that each post took which was made meanwhile.
    waits: Sequence[float]

    def __str__(self) -> str:
        waits = sorted(1_000 * wait for wait in self.waits) or [0.0]
        return (
            f"the last has caught up after {self.seconds:.2f} s, {self.cpu:.2f} s of the server;"
            f" {len(waits)} posts: p50 {statistics.median(waits):.0f} ms,"
            f" p99 {waits[int(0.99 * (len(waits) - 1))]:.0f} ms"
        )


def returns(cores: Cores, members: int, missed: int, times: int, *, tls: bool) -> Iterator[Return]:
    """Run a server, and let all members return to it so many times."""
    seating = Seating(members + STAY, {ROOM: range(members + STAY)})
    with (
        tempfile.TemporaryDirectory(dir=cache_folder(), prefix="catching-up-") as folder,
        ChatServer().running(Path(folder), cores.server, seating, tls=tls) as running,
        staying(running.address, ROOM, backlog=missed + 1) as others,
    ):
        for _ in range(times):
            yield _return(running.address, running.pid, members, missed, others)


def _return(address: Address, pid: int, members: int, missed: int, others: Staying) -> Return:
    numbers = range(STAY, STAY + members)
    crowd = [Member(Connection(n, connect(address.port, tls=address.tls))) for n in numbers]
    time.sleep(1)  # until all have been greeted, and the server rests
    seen = others.newest(missed)
    before, started = usage(pid), time.perf_counter()
    _resume(crowd, seen, missed)
    ended, after = time.perf_counter(), usage(pid)
    waits = [post.wait for post in others.posts() if started <= post.sent <= ended]
    for member in crowd:
        member.check(seen.seq)
        member.connection.stream.close()
    return Return(ended - started, (after - before).server, waits)


def _resume(crowd: Sequence[Member], seen: Frame, missed: int) -> None:
    """Let all resume, and read until everybody has what it missed."""
    waiting = {member.connection.stream.fileno(): member for member in crowd}
    buffer = memoryview(bytearray(_READ_SIZE))
    deadline = time.monotonic() + _STUCK
    with contextlib.closing(select.epoll()) as epoll:
        for fd, member in waiting.items():
            member.connection.send(_resuming(member.connection.number, seen))
            epoll.register(fd, select.EPOLLIN)
        while waiting:
            if time.monotonic() > deadline:
                raise NotMeasured(f"{len(waiting)} members have not caught up")
            for fd, _ in epoll.poll(1):
                waiting[fd].read(buffer)
                if waiting[fd].connection.deliveries >= missed:
                    epoll.unregister(fd)
                    del waiting[fd]


def _resuming(number: int, seen: Frame) -> bytes:
    frame = {
        "type": "resume",
        "id": 1,
        "token": token(number),
        "seen": {ROOM: seen.seq},
        "at": {ROOM: seen.at},
    }
    return msgspec.json.encode(frame) + b"\n"


def main() -> None:
    """Measure what the arguments say, and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.catching_up", description=__doc__)
    parser.add_argument("--members", type=int, default=1_000)
    parser.add_argument("--missed", type=int, nargs="+", default=[10, 300])
    parser.add_argument("--schemes", nargs="+", default=["tcp", "tls"], choices=["tcp", "tls"])
    parser.add_argument("--returns", type=int, default=3)
    options = parser.parse_args()
    allow_files(options.members + STAY)
    cores = choose_cores()
    os.sched_setaffinity(0, {cores.generator})
    for scheme in options.schemes:
        for missed in options.missed:
            show(f"{options.members:,} members, each missed {missed} messages, {scheme}\n")
            tls = scheme == "tls"
            for result in returns(cores, options.members, missed, options.returns, tls=tls):
                show(f"  {result}\n")


if __name__ == "__main__":
    main()
