"""What is told when all come back: `cd tests && ../.venv/bin/python -m benchmarks.storm`.

A thousand members of one room look at it, all are cut off at the same moment, and all come back
and look again. Every frame that anybody is sent is counted, by its type: there must not be one for
each of them to each of the others.
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

#: Seconds without a frame after which all is said: who comes and goes is told every 1.5 s.
_SILENCE: Final = 4.0

#: Bytes of the longest frame that may come: a page of the members.
_LONGEST: Final = 1 << 20


@dataclass
class Storm:
    """What all are told, from the moment at which they begin to come."""

    began: float = field(default_factory=time.perf_counter)
    heard: float = 0.0
    frames: Counter[str] = field(default_factory=Counter)
    octets: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, line: bytes) -> None:
        self.heard = time.perf_counter()
        self.frames[json.loads(line)["type"]] += 1
        self.octets += len(line)
        self.news.set()

    async def passed(self) -> None:
        """Return once nobody has been told anything for a while."""
        with contextlib.suppress(TimeoutError):
            while True:
                self.news.clear()
                await asyncio.wait_for(self.news.wait(), _SILENCE)

    def __str__(self) -> str:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in self.frames.most_common())
        return (
            f"{self.frames.total():,} frames, {self.octets / 1e6:.1f} MB"
            f" in {self.heard - self.began:.1f} s: {kinds}"
        )


async def _member(number: int, port: int, storm: Storm) -> None:
    """Come back by token, look at the room, and listen until cut off."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_LONGEST)
    try:
        writer.write(_frame(type="resume", id=1, token=token(number), seen={}))
        writer.write(_frame(type="watch", id=2, room=ROOM))
        while line := await reader.readline():
            storm.hear(line)
    finally:
        writer.transport.abort()  # as a cable is pulled: without a word


def _frame(**fields: object) -> bytes:
    return json.dumps(fields).encode() + b"\n"


async def _come(count: int, port: int) -> tuple[Storm, list[asyncio.Task[None]]]:
    storm = Storm()
    tasks = [asyncio.create_task(_member(number, port, storm)) for number in range(count)]
    await storm.passed()
    return storm, tasks


async def _cut(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def storms(count: int, port: int, pid: int) -> None:
    """Let all come, cut them off, let them come back at once, and print what each time was told."""
    show(f"{count:,} members of one room, who all look at it\n")
    for name in ("come", "come back at once", "come back at once"):
        before = usage(pid)
        storm, tasks = await _come(count, port)
        show(f"{name}: {storm}; CPU of the server {(usage(pid) - before).server:.2f} s\n")
        await _cut(tasks)


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
