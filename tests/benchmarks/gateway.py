"""The client over SSH: `cd tests && ../.venv/bin/python -m benchmarks.gateway [--people 50]`.

Starts a server with its gateway, both pinned to one core, and people with SSH connections on
another. Measures what a person costs, at the form and in a room, and what a message costs each of
them; how long a key takes to be drawn; and what others notice of someone who stops reading and of
a hundred who arrive at once. Takes three minutes, and hardly more on a busy machine: there, only
memory and processor time mean anything.
"""

import argparse
import asyncio
import math
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.gateway_people import Person, keys, posting
from benchmarks.machine import allow_files, choose_cores, memory_of
from benchmarks.processes import running, wait_line
from chat_tui.gateway.places import MAX_TERMINALS

_MIB: Final = 1024**2
_BETWEEN_POSTS: Final = 0.5  # seconds
_LINES: Final = 3  # `listening on`: tcp, proxy.sock, ssh


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    people: int
    keys: int  # pressed one after the other
    pause: float  # seconds between two of them
    within: float  # seconds after which fewer keys must do
    settling: float  # seconds until everyone's garbage has been collected
    idle: float  # seconds in which nobody does anything, or one person posts
    arriving: int  # people at once
    samples: int  # of the memory that someone takes who reads nothing

    @classmethod
    def smoke(cls) -> "Plan":
        return cls(
            people=2, keys=2, pause=0.0, within=9.0, settling=0.0, idle=0.2, arriving=1, samples=2
        )


class Gateway:
    """The gateway's processes."""

    def __init__(self, folder: Path, ports: Sequence[int]) -> None:
        """`ports` are those of the server and of the gateway."""
        self._folder = folder
        self.server_port, self.port = ports

    def processes(self) -> list[int]:
        """Return the front, the spawner, the workers."""
        found = subprocess.run(
            ["pgrep", "-f", f"chat_tui.gateway.*{self._folder}/"], capture_output=True, check=True
        )
        return sorted(map(int, found.stdout.split()))

    def memory(self) -> int:
        """Return bytes of all processes (PSS)."""
        return sum(map(memory_of, self.processes()))

    def seconds(self) -> float:
        """Return the processor time that all processes have used."""
        return sum(map(_processor_time, self.processes()))


@contextmanager
def gateway(folder: Path, core: int) -> Iterator[Gateway]:
    """Run a server with a gateway, both on `core`."""
    data = folder / "data"
    argv = [
        sys.executable, "-m", "chat_server.cli", "--data", str(data),
        "--listen", "tcp://127.0.0.1:0", "--listen", "ssh://127.0.0.1:0",
        "--limits.registrations", "1000",
    ]  # fmt: skip
    with running(argv, folder, core) as process:
        wait_line(process, folder)
        while len(lines := (folder / "stdout").read_text().splitlines()) < _LINES:
            time.sleep(0.02)
        own = Gateway(folder, [int(line.rpartition(":")[2]) for line in (lines[0], lines[-1])])
        try:
            yield own
        finally:
            process.send_signal(signal.SIGINT)  # with which the gateway ends as well
            process.wait()


async def measure(own: Gateway, plan: Plan) -> None:
    """Measure everything in turn, and print it."""
    typist = Person(0)
    await typist.connect(own.port)  # the first worker starts
    before = own.memory()
    people = [typist, *map(Person, range(1, plan.people))]
    times = [await person.connect(own.port) for person in people[1:]]
    _print("time to the form", _spread(times, "s"))
    _print("memory at the form, each", _mib((own.memory() - before) / (plan.people - 1)))
    for person in people:
        await person.register()
    await asyncio.sleep(plan.settling)
    _print("memory in a room, each", _mib((own.memory() - before) / (plan.people - 1)))
    _print("… with the gateway's own", _mib(own.memory() / plan.people))
    idle = await _share(own, plan.idle)
    _print("idle, share of a core each", f"{idle / plan.people:.2%}")
    letters = keys()
    echoes = await _echoes(typist, letters, plan)
    _print("key to echo", _spread(echoes, "ms"))
    async with posting(own.server_port, _BETWEEN_POSTS):
        busy = await _share(own, plan.idle)
        cost = (busy - idle) * _BETWEEN_POSTS / plan.people
        _print("a message, CPU time each", f"{1000 * cost:.1f} ms")
        echoes = await _echoes(typist, letters, plan)
    _print("key to echo, someone posts", _spread(echoes, "ms"))
    await _measure_unread(own, people[1], plan)
    await _measure_crowd(own, typist, letters, plan)
    for person in people:
        person.leave()


async def _share(own: Gateway, seconds: float) -> float:
    """Return the share of a core that the gateway uses during so many seconds."""
    began, used = time.perf_counter(), own.seconds()
    await asyncio.sleep(seconds)
    return (own.seconds() - used) / (time.perf_counter() - began)


async def _echoes(typist: Person, letters: Iterator[str], plan: Plan) -> list[float]:
    """Return the seconds of each key, in a composer that is emptied now and then."""
    times: list[float] = []
    until = time.perf_counter() + plan.within
    for number in range(plan.keys):
        if times and time.perf_counter() >= until:
            break
        await asyncio.sleep(plan.pause)
        if number % 20 == 19:
            typist.type("\x15")  # Ctrl+U
            await asyncio.sleep(plan.pause)
        times.append(await typist.echo(next(letters)))
    return times


async def _measure_unread(own: Gateway, reader: Person, plan: Plan) -> None:
    """Measure the memory that someone takes who reads nothing of what is drawn for them."""
    most = before = own.memory()
    reader.stop_reading()
    for number in range(plan.samples):
        with suppress(BrokenPipeError):  # they have been disconnected
            reader.type("\x1bOP" if number % 2 else "\x1b")  # the help, opened and closed
        await asyncio.sleep(0.1)
        most = max(most, own.memory())
    _print("someone who stops reading", _mib(most - before))


async def _measure_crowd(own: Gateway, typist: Person, letters: Iterator[str], plan: Plan) -> None:
    """Let many connect at once while one person types."""
    first = plan.people
    arriving = [Person(number) for number in range(first, first + plan.arriving)]
    tasks = [asyncio.create_task(person.connect(own.port)) for person in arriving]
    stalls = [await typist.echo(next(letters))]
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0.05)
        stalls.append(await typist.echo(next(letters)))
        if len(stalls) % 20 == 0:
            typist.type("\x15")
    arrived = await asyncio.gather(*tasks, return_exceptions=True)
    times = [seconds for seconds in arrived if isinstance(seconds, float)]
    _print(f"key to echo, {plan.arriving} arrive", _spread(stalls, "ms"))
    _print("their time to the form", f"{_spread(times, 's')}; {len(arrived) - len(times)} refused")
    for person in arriving:
        person.leave()


def _spread(times: Sequence[float], unit: str) -> str:
    if not times:
        return "-"
    scale = 1000 if unit == "ms" else 1
    ordered = sorted(scale * seconds for seconds in times)
    p95 = ordered[math.ceil(0.95 * len(ordered)) - 1]
    middle = statistics.median(ordered)
    digits = 0 if unit == "ms" else 2
    return f"p50 {middle:.{digits}f}  p95 {p95:.{digits}f}  at most {ordered[-1]:.{digits}f} {unit}"


def _mib(size: float) -> str:
    return f"{size / _MIB:.1f} MiB"


def _print(what: str, figures: str) -> None:
    sys.stdout.write(f"{what:28} {figures}\n")
    sys.stdout.flush()


def _processor_time(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway", description=__doc__)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--smoke", action="store_true", help="run quickly; figures mean nothing")
    given = parser.parse_args(arguments)
    plan = Plan(
        people=given.people,
        keys=100,
        pause=0.15,
        within=30.0,
        settling=20.0,
        idle=10.0,
        arriving=min(100, MAX_TERMINALS - given.people),
        samples=200,
    )
    plan = Plan.smoke() if given.smoke else plan
    cores = choose_cores()
    allow_files(2 * (plan.people + plan.arriving))
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        gateway(Path(folder), cores.server) as own,
    ):
        os.sched_setaffinity(0, {cores.generator})
        asyncio.run(measure(own, plan))
    _print("people, load", f"{plan.people}, {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
