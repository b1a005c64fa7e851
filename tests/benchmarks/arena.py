"""Servers side by side: all are started and filled first, and then measured in turns.

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
    """A server in a workload: its label in the tables, and the clients that connect to it."""

    label: str
    contender: Contender
    seating: Seating
    tls: bool = False


@dataclass(frozen=True)
class Arena:
    """Where servers run: the cores, a folder on a real disk, and the length of a run."""

    cores: Cores
    folder: Path
    rounds: int
    seconds: float
    #: Rounds of each server and workload that may be repeated because others used the machine.
    retries: int

    @contextlib.contextmanager
    def server(self, entry: Entry) -> Iterator[Running]:
        """Run the server of `entry` in a temporary folder."""
        with (
            tempfile.TemporaryDirectory(dir=self.folder, prefix="run-") as folder,
            entry.contender.running(
                Path(folder), self.cores.server, entry.seating, tls=entry.tls
            ) as running,
        ):
            yield running


@dataclass
class Participant:
    """A running server with its connected crowd, and its measurements."""

    entry: Entry
    running: Running
    crowd: Crowd
    result: Result
    #: How many rounds may still be repeated.
    retries: int


#: Runs one round and returns its figures by metric.
Play = Callable[[], dict[str, float]]


def contest(
    arena: Arena, entries: Sequence[Entry], prepare: Callable[[Participant], Play]
) -> dict[str, Result]:
    """Start and fill all servers, call `prepare` for each, and run the rounds in turns.

    A server that cannot take part, or fails, has the reason in its result. All are started
    before the first is filled: starting one may take minutes, and a crowd cannot wait that long.
    """
    results = {entry.label: Result() for entry in entries}
    with contextlib.ExitStack() as stack:
        servers = _start(stack, arena, entries, results)
        participants = _seat_all(stack, arena, servers, results)
        plays = _prepare(participants, prepare)
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
        with results[entry.label].recording_failure():
            allow_files(connections + entry.seating.size)
            connections += entry.seating.size
            servers.append((entry, stack.enter_context(arena.server(entry))))
    return servers


def _seat_all(
    stack: contextlib.ExitStack,
    arena: Arena,
    servers: Sequence[tuple[Entry, Running]],
    results: dict[str, Result],
) -> list[Participant]:
    participants: list[Participant] = []
    for entry, running in servers:
        with results[entry.label].recording_failure():
            participants.append(seat(stack, arena, entry, running, results[entry.label]))
        _keep_alive(participants)
    return participants


def seat(
    stack: contextlib.ExitStack, arena: Arena, entry: Entry, running: Running, result: Result
) -> Participant:
    """Connect all clients and join their rooms; the stack disconnects them."""
    crowd = Crowd(running.address, entry.seating.thin)
    stack.callback(crowd.close)
    refusals = crowd.open(entry.seating.size)
    if refusals:
        raise NotMeasured(f"{len(refusals)} clients were refused: {refusals[0]}")
    for room, members in entry.seating.rooms.items():
        crowd.join(room, [crowd.connections[number] for number in members])
    crowd.settle()
    return Participant(entry, running, crowd, result, retries=arena.retries)


def _prepare(
    participants: Sequence[Participant], prepare: Callable[[Participant], Play]
) -> list[tuple[Participant, Play]]:
    plays = []
    for participant in participants:
        with participant.result.recording_failure():
            plays.append((participant, prepare(participant)))
        _keep_alive(participants)
    return plays


def _keep_alive(participants: Sequence[Participant]) -> None:
    for participant in participants:
        if participant.result.measured:
            with participant.result.recording_failure():
                participant.crowd.keep_alive()


def _play_in_turn(plays: Sequence[tuple[Participant, Play]]) -> None:
    for participant, play in plays:
        if participant.result.measured:
            with participant.result.recording_failure():
                _play_round(participant, play)


def _play_round(participant: Participant, play: Play) -> None:
    """Run one round; repeat it while retries are left if others used the machine meanwhile."""
    while True:
        participant.crowd.keep_alive()
        before = usage(participant.running.pid)
        figures = play()
        used = usage(participant.running.pid) - before
        if not participant.retries or not disturbed(used):
            break
        participant.retries -= 1
    participant.result.add(figures, used)
