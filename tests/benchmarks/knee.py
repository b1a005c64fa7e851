"""What one leader carries: `cd tests && ../.venv/bin/python -m benchmarks.knee`.

All people are in one room, over TLS, and read at once. One of them posts, one message at a time,
more often with each step, until the server has reached its knee: messages take longer than people
notice, or a higher rate brings no more deliveries. What it carries is the step before that.
"""

import argparse
import contextlib
import math
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import machine
from benchmarks.arena import Arena, Entry, Participant, seat
from benchmarks.generator import Load
from benchmarks.machine import NotMeasured, allow_files, usage
from benchmarks.native import OURS, ChatServer
from benchmarks.postgresql import REAL_DISK, OnPostgresql
from benchmarks.results import BUSY_GENERATOR, Result
from benchmarks.workloads import ClosedLoop, load_on

#: Milliseconds that the slowest message of a hundred may take: what people take for at once.
LONGEST: Final = 100.0

#: Messages a second of the first step, how many times as many the next one has, and how many
#: times as many deliveries it must bring.
_FIRST: Final = 2.0
_STEP: Final = 1.5
_GROWTH: Final = 1.05

#: Steps of a search: the last one would be a thousand messages a second, to a room of any size.
_STEPS: Final = 16

HEADING: Final = (
    "connections  messages/s  deliveries/s    p50 ms    p99 ms  server  generator  µs/delivery"
)


@dataclass(frozen=True)
class Step:
    """The figures of one rate."""

    members: int
    rate: float  # messages a second, as they were sent
    deliveries: float  # a second, to everybody
    p50: float  # milliseconds
    p99: float
    server: float  # the share of a core
    generator: float

    def __str__(self) -> str:
        cost = self.server / self.deliveries * 1e6
        return (
            f"{self.members:11,}  {self.rate:10.1f}  {self.deliveries:12,.0f}  {self.p50:8.1f}"
            f"  {self.p99:8.1f}  {self.server:6.0%}  {self.generator:9.0%}  {cost:11.1f}"
        )


def find_knee(arena: Arena, server: ChatServer, members: int, steps: int = _STEPS) -> Iterator[str]:
    """Yield a line for each step, and one for the knee. Raises NotMeasured."""
    allow_files(members)
    loop = ClosedLoop("knee", members, senders=1, window=1, tls=True)
    entry = Entry(server.name, server, loop.seating(), tls=True)
    with contextlib.ExitStack() as stack:
        running = stack.enter_context(arena.server(entry))
        participant = seat(stack, arena, entry, running, Result())
        load = load_on(participant, loop.senders)
        carried: Step | None = None
        for number in range(steps):
            try:
                step, end = _judged(participant, load, _FIRST * _STEP**number, arena, carried)
            except NotMeasured as exc:
                yield _knee(carried, f"{exc}")
                return
            yield f"{step}"
            if end:
                yield _knee(carried, end)
                return
            carried = step
    yield _knee(carried, "nothing: that was the last step")


def _judged(
    participant: Participant, load: Load, rate: float, arena: Arena, before: Step | None
) -> tuple[Step, str]:
    """Return a step, and why it is beyond the knee if it is so twice: once may be an accident."""
    step = _step(participant, load, rate, arena.seconds)
    if end := _end(step, before):
        step = _step(participant, load, rate, arena.seconds)
        end = _end(step, before)
    return step, end


def _step(participant: Participant, load: Load, rate: float, seconds: float) -> Step:
    """Post at `rate` for so many seconds, until everybody has everything."""
    participant.crowd.keep_alive()
    participant.crowd.settle()
    before = usage(participant.running.pid)
    latencies = load.fixed_rate(rate, seconds)
    load.collect(len(latencies))
    used = usage(participant.running.pid) - before
    members, passed = len(participant.crowd.connections), max(used.wall, seconds)
    return Step(
        members,
        len(latencies) / passed,
        len(latencies) * members / passed,
        quantile(latencies, 0.5) / 1e6,
        quantile(latencies, 0.99) / 1e6,
        used.server / used.wall,
        used.generator / used.wall,
    )


def _end(step: Step, before: Step | None) -> str:
    """Return why `step` is beyond the knee, or what keeps it from being found; else nothing."""
    if step.p99 > LONGEST:
        return f"p99 above {LONGEST:g} ms"
    if before is not None and step.deliveries < before.deliveries * _GROWTH:
        return "no more deliveries"
    if step.generator > BUSY_GENERATOR:
        return "the generator can do no more"
    return ""


def _knee(carried: Step | None, end: str) -> str:
    if carried is None:
        return f"carried: nothing ({end})\n"
    return (
        f"carried: {carried.members:,} connections, {carried.deliveries:,.0f} lone deliveries/s,"
        f" p99 {carried.p99:.0f} ms (then {end})\n"
    )


def quantile(values: Sequence[int], share: float) -> float:
    """Return the smallest of `values` that at least this share of them does not exceed."""
    return sorted(values)[math.ceil(len(values) * share) - 1]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.knee", description=__doc__)
    parser.add_argument(
        "--members",
        type=int,
        nargs="+",
        default=[100, 1_000, 5_000],
        metavar="N",
        help="Fill a room with so many, one after the other",
    )
    parser.add_argument("--seconds", type=float, default=10.0, help="Set the length of a step")
    parser.add_argument(
        "--postgresql",
        action="store_true",
        help="Keep the store in PostgreSQL, with a synchronous standby",
    )
    parser.add_argument(
        "--folder", metavar="DIR", default=REAL_DISK, help="Keep the store on a real disk"
    )
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    facts = machine.description(Path(options.folder))
    cores = machine.choose_cores()
    os.sched_setaffinity(0, {cores.generator})
    on_postgresql = OnPostgresql(has_standby=True, databases=options.folder)
    server = on_postgresql if options.postgresql else ChatServer(OURS)
    show(", ".join(f"{name} {value}" for name, value in facts.items()))
    show(f"{server.name}: {server.version()}\n\n{HEADING}")
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="knee-") as own:
        arena = Arena(cores, Path(own), 1, options.seconds, retries=0)
        for members in options.members:
            for line in find_knee(arena, server, members):
                show(line)


def show(line: str) -> None:
    """Print `line` at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
