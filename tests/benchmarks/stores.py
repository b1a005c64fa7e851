"""What the store costs: `cd tests && ../.venv/bin/python -m benchmarks.stores`.

The same server with its store in SQLite, in PostgreSQL, and in PostgreSQL with a synchronous
standby, each on a disk that it waits for. In each round, one message after the other is posted at
an even pace, and then as many as the server takes. The servers take turns.
"""

import argparse
import os
import signal
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks import machine, report
from benchmarks.arena import Arena, Entry, Participant, Play, contest
from benchmarks.native import ChatServer
from benchmarks.postgresql import REAL_DISK, OnPostgresql
from benchmarks.results import Result
from benchmarks.workloads import P50, P99, ClosedLoop, fitting, load_on

SQLITE: Final = "SQLite"
POSTGRESQL: Final = "PostgreSQL"
PAIR: Final = "PostgreSQL, synchronous standby"
RATE: Final = "messages/s"

#: Many rooms of few people: there the store costs more than the deliveries do.
LOOP: Final = ClosedLoop("stores", size=10, senders=1, window=4, rooms=100)

_PACE: Final = 20.0  # lone messages a second: each is done long before the next


def contenders(databases: str = REAL_DISK) -> list[ChatServer]:
    """Return the servers, with databases in a folder."""
    return [
        ChatServer(SQLITE),
        OnPostgresql(POSTGRESQL, databases=databases),
        OnPostgresql(PAIR, has_standby=True, databases=databases),
    ]


def measure(
    arena: Arena, servers: Sequence[ChatServer], loop: ClosedLoop = LOOP
) -> dict[str, Result]:
    """Return the figures of each of `servers`, by its name."""
    entries = [Entry(server.name, server, loop.seating()) for server in servers]
    return contest(arena, entries, lambda participant: _prepare(arena, participant, loop))


def _prepare(arena: Arena, participant: Participant, loop: ClosedLoop) -> Play:
    load = load_on(participant, loop.senders)
    messages = fitting(load, loop.window, arena.seconds)

    def play() -> dict[str, float]:
        latencies = load.fixed_rate(_PACE, arena.seconds)
        participant.crowd.settle()
        cuts = statistics.quantiles(latencies, n=100)
        busy = load.closed_loop(messages, loop.window)
        return {P50: cuts[49] / 1e6, P99: cuts[98] / 1e6, RATE: busy.messages / busy.seconds}

    return play


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stores", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="Run this many rounds of each store")
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="Set the length of each half of a round"
    )
    parser.add_argument(
        "--folder",
        metavar="DIR",
        default=REAL_DISK,
        help=f"Keep the stores on a real disk, where others can look in (default: {REAL_DISK})",
    )
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    facts = machine.description(Path(options.folder))
    cores = machine.choose_cores()
    os.sched_setaffinity(0, {cores.generator})
    servers = contenders(options.folder)
    show(report.heading(facts, {server.name: server.version() for server in servers}))
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="stores-") as own:
        arena = Arena(cores, Path(own), options.rounds, options.seconds, retries=0)
        title = f"lone messages, {_PACE:g} a second; then {LOOP.title}"
        show(report.table(LOOP.name, title, measure(arena, servers)))


def show(text: str) -> None:
    """Print `text` at once."""
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
