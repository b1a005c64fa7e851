"""Servers side by side: all started, all with their crowds, and then played in turns.

A machine's speed drifts within minutes. So the servers of a workload do not run one after the
other: round one of each, then round two of each, and a ratio compares rounds of the same turn.
"""

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.crowd import Crowd, Seating
from benchmarks.machine import Cores, NotMeasured, allow_files, usage
from benchmarks.peers import Contender, Running
from benchmarks.results import Result, disturbed


@dataclass(frozen=True)
class Entry:
    """A server that takes part in a workload, under the label of its column, and with whom."""

    label: str
    contender: Contender
    seating: Seating
    tls: bool = False


@dataclass(frozen=True)
class Arena:
    """Where servers are started: the cores, a folder on a real disk, and what a run may take."""

    cores: Cores
    folder: Path
    rounds: int
    seconds: float
    #: Rounds of each server and workload that are played again because others had the machine.
    patience: int

    @contextlib.contextmanager
    def server(self, entry: Entry) -> Iterator[Running]:
        """Run the server of `entry` in a folder of its own that is gone afterwards."""
        with (
            tempfile.TemporaryDirectory(dir=self.folder, prefix="run-") as folder,
            entry.contender.running(
                Path(folder), self.cores.server, entry.seating, tls=entry.tls
            ) as running,
        ):
            yield running


@dataclass
class Guest:
    """A running server with its crowd seated, and what was measured of it."""

    entry: Entry
    running: Running
    crowd: Crowd
    result: Result
    #: What is left of the arena's patience.
    patience: int


#: Plays one round and returns its figures by metric.
Play = Callable[[], dict[str, float]]


def contest(
    arena: Arena, entries: Sequence[Entry], prepare: Callable[[Guest], Play]
) -> dict[str, Result]:
    """Start and seat everybody, let `prepare` make a play of each, and play the rounds in turns.

    Whoever cannot take part, or breaks down, has the reason in their result. All are started
    before the first is seated: to start one may take minutes, and a crowd cannot wait for long.
    """
    results = {entry.label: Result() for entry in entries}
    with contextlib.ExitStack() as stack:
        servers = _start(stack, arena, entries, results)
        guests = _seat_all(stack, arena, servers, results)
        plays = _prepare(guests, prepare)
        for _ in range(arena.rounds):
            _play_in_turn(plays)
    return results


def _start(
    stack: contextlib.ExitStack,
    arena: Arena,
    entries: Sequence[Entry],
    results: dict[str, Result],
) -> list[tuple[Entry, Running]]:
    servers = []
    connections = 0
    for entry in entries:
        with results[entry.label].excused():
            allow_files(connections + entry.seating.size)
            connections += entry.seating.size
            servers.append((entry, stack.enter_context(arena.server(entry))))
    return servers


def _seat_all(
    stack: contextlib.ExitStack,
    arena: Arena,
    servers: Sequence[tuple[Entry, Running]],
    results: dict[str, Result],
) -> list[Guest]:
    guests: list[Guest] = []
    for entry, running in servers:
        with results[entry.label].excused():
            guests.append(_seat(stack, arena, entry, running, results[entry.label]))
        _keep_alive(guests)
    return guests


def _seat(
    stack: contextlib.ExitStack, arena: Arena, entry: Entry, running: Running, result: Result
) -> Guest:
    """Bring in everybody and into their rooms; the stack sees them out."""
    crowd = Crowd(running.address, entry.seating.thin)
    stack.callback(crowd.close)
    refusals = crowd.open(entry.seating.size)
    if refusals:
        raise NotMeasured(f"{len(refusals)} were refused: {refusals[0]}")
    for room, members in entry.seating.rooms.items():
        crowd.join(room, [crowd.connections[number] for number in members])
    crowd.settle()
    return Guest(entry, running, crowd, result, patience=arena.patience)


def _prepare(guests: Sequence[Guest], prepare: Callable[[Guest], Play]) -> list[tuple[Guest, Play]]:
    plays = []
    for guest in guests:
        with guest.result.excused():
            plays.append((guest, prepare(guest)))
        _keep_alive(guests)
    return plays


def _keep_alive(guests: Sequence[Guest]) -> None:
    for guest in guests:
        if guest.result.measured:
            with guest.result.excused():
                guest.crowd.keep_alive()


def _play_in_turn(plays: Sequence[tuple[Guest, Play]]) -> None:
    for guest, play in plays:
        if guest.result.measured:
            with guest.result.excused():
                _play_round(guest, play)


def _play_round(guest: Guest, play: Play) -> None:
    """Play one round; while patience lasts, once more if others had the machine meanwhile."""
    while True:
        guest.crowd.keep_alive()
        before = usage(guest.running.pid)
        figures = play()
        used = usage(guest.running.pid) - before
        if not guest.patience or not disturbed(used):
            break
        guest.patience -= 1
    guest.result.add(figures, used)
