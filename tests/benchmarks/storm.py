"""All clients reconnect at once: `cd tests && ../.venv/bin/python -m benchmarks.storm`.

A thousand members of one room watch it, all are disconnected at the same moment, and all reconnect
and watch again. Every frame is counted by its type: there must not be one from each member to each
of the others.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.crowd import Seating
from benchmarks.machine import allow_files, choose_cores, usage
from benchmarks.native import ChatServer, cache_folder, token

ROOM: Final = "bench0"

#: Seconds without a frame after which all has arrived: presence is sent every 1.5 s.
_SILENCE: Final = 4.0

#: Bytes of the longest frame: a page of members.
_LONGEST: Final = 1 << 20


@dataclass
class Storm:
    """All frames received since the clients started to connect."""

    started: float = field(default_factory=time.perf_counter)
    last: float = 0.0
    frames: Counter[str] = field(default_factory=Counter)
    octets: int = 0
    received: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, line: bytes) -> None:
        self.last = time.perf_counter()
        self.frames[json.loads(line)["type"]] += 1
        self.octets += len(line)
        self.received.set()

    async def wait_over(self) -> None:
        """Return once no frame has arrived for a while."""
        with contextlib.suppress(TimeoutError):
            while True:
                self.received.clear()
                await asyncio.wait_for(self.received.wait(), _SILENCE)

    def __str__(self) -> str:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in self.frames.most_common())
        return (
            f"{self.frames.total():,} frames, {self.octets / 1e6:.1f} MB"
            f" in {self.last - self.started:.1f} s: {kinds}"
        )


async def _member(number: int, port: int, storm: Storm) -> None:
    """Resume by token, watch the room, and read until cancelled."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_LONGEST)
    try:
        writer.write(_frame(type="resume", id=1, token=token(number), seen={}))
        writer.write(_frame(type="watch", id=2, room=ROOM))
        while line := await reader.readline():
            storm.add(line)
    finally:
        writer.transport.abort()  # as if a cable was pulled: without closing


def _frame(**fields: object) -> bytes:
    return json.dumps(fields).encode() + b"\n"


async def _connect_all(count: int, port: int) -> tuple[Storm, list[asyncio.Task[None]]]:
    storm = Storm()
    tasks = [asyncio.create_task(_member(number, port, storm)) for number in range(count)]
    await storm.wait_over()
    return storm, tasks


async def _disconnect_all(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def storms(count: int, port: int, pid: int) -> None:
    """Connect all clients, disconnect them, reconnect at once, and print the frames each time."""
    show(f"{count:,} members of one room, all watching it\n")
    for name in ("connect", "reconnect at once", "reconnect at once"):
        before = usage(pid)
        storm, tasks = await _connect_all(count, port)
        show(f"{name}: {storm}; CPU of the server {(usage(pid) - before).server:.2f} s\n")
        await _disconnect_all(tasks)


def show(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storm", description=__doc__)
    parser.add_argument("--members", type=int, default=1_000)
    count = parser.parse_args().members
    allow_files(count)
    seating = Seating(count, {ROOM: range(count)})
    with (
        tempfile.TemporaryDirectory(dir=cache_folder(), prefix="storm-") as folder,
        ChatServer().running(Path(folder), choose_cores().server, seating) as running,
    ):
        asyncio.run(storms(count, running.address.port, running.pid))


if __name__ == "__main__":
    main()
