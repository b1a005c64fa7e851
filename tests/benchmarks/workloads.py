"""What is measured, each workload with its name: who takes part, and what one round of it is."""

import contextlib
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from benchmarks.arena import Arena, Entry, Guest, Play, contest
from benchmarks.crowd import Crowd, Seating, spread
from benchmarks.generator import Load, Room
from benchmarks.machine import CPU_TICK, allow_files, memory_of, usage
from benchmarks.native import OURS, ChatServer
from benchmarks.peers import Contender
from benchmarks.results import Result
from benchmarks.slow_readers import reading_slowly

#: Labels of our own server where it takes part in other circumstances.
PROCESS = f"{OURS}, durability process"
LONG_HISTORY = f"{OURS}, 10 M rows"
NOBODY_IDLE = f"{OURS}, nobody else there"
NOBODY_SLOW = f"{OURS}, nobody slow"

#: Names of metrics, as the goals refer to them.
RATE = "deliveries/s"
CPU_RATE = "deliveries/CPU-s"  # per second of the server's own time: bears a busy machine better
P50 = "p50 ms"
P99 = "p99 ms"
MEMORY = "kB per connection"
SECONDS = "seconds"
REFUSED = "refused"
CUT_OFF = "slow ones cut off"

#: Length of the round of messages at a fixed rate that is dropped.
_WARM_UP_SECONDS = 0.5

#: Messages of each speaker in the first round of a closed loop that is dropped.
_FIRST_MESSAGES = 8

#: Sizes of the room in the cost curve.
CURVE = (50, 100, 400, 1000, 2000)


class Workload(Protocol):
    """Something to put servers through."""

    @property
    def name(self) -> str:
        """What the option and the tables call it."""

    @property
    def title(self) -> str:
        """One line that says what happens."""

    def run(self, arena: Arena, contenders: Sequence[Contender]) -> dict[str, Result]:
        """Return what each of `contenders` did, by label."""


@dataclass(frozen=True)
class ClosedLoop:
    """Rooms of `size` in which `speakers` each keep `window` messages in flight."""

    name: str
    size: int
    speakers: int
    window: int
    rooms: int = 1
    tls: bool = False

    @property
    def title(self) -> str:
        rooms = f"{self.rooms} rooms" if self.rooms > 1 else "one room"
        tls = ", TLS" if self.tls else ""
        return (
            f"{rooms} of {self.size}, {self.speakers} senders with {self.window} messages"
            f" in flight each{tls}"
        )

    def run(self, arena: Arena, contenders: Sequence[Contender]) -> dict[str, Result]:
        entries = [
            Entry(contender.name, contender, self.seating(), tls=self.tls)
            for contender in contenders
        ]
        return contest(arena, entries, lambda guest: self.prepare(arena, guest))

    def seating(self) -> Seating:
        rooms = {
            f"bench{number}": range(number * self.size, (number + 1) * self.size)
            for number in range(self.rooms)
        }
        return Seating(self.size * self.rooms, rooms)

    def prepare(self, arena: Arena, guest: Guest) -> Play:
        load = load_on(guest, self.speakers)
        messages = fitting(load, self.window, arena.seconds)

        def play() -> dict[str, float]:
            before = usage(guest.running.pid)
            result = load.closed_loop(messages, self.window)
            used = usage(guest.running.pid) - before
            guest.result.counts.append(result.counts)
            return {
                RATE: result.deliveries / result.seconds,
                CPU_RATE: result.deliveries / max(used.server, CPU_TICK),
            }

        return play


@dataclass(frozen=True)
class Company:
    """A closed loop in a room of ten while thousands of others are connected and silent."""

    name: str = "idle"
    loop: ClosedLoop = ClosedLoop("idle", size=10, speakers=5, window=4)
    idle: int = 5000

    @property
    def title(self) -> str:
        return f"{self.loop.title}, while {self.idle:,} other sessions idle"

    def run(self, arena: Arena, contenders: Sequence[Contender]) -> dict[str, Result]:
        alone = self.loop.seating()
        crowded = replace(alone, size=alone.size + self.idle)
        entries = [Entry(NOBODY_IDLE, c, alone) for c in contenders if c.name == OURS]
        entries += [Entry(contender.name, contender, crowded) for contender in contenders]
        return contest(arena, entries, lambda guest: self.loop.prepare(arena, guest))


@dataclass(frozen=True)
class FixedRate:
    """Latency in one room at a pace that nobody is troubled by."""

    name: str
    size: int
    speakers: int
    per_second: float
    #: What our server is like besides as it comes, by label.
    variants: Mapping[str, ChatServer]
    peers: bool = True

    @property
    def title(self) -> str:
        return f"one room of {self.size}, {self.per_second:g} messages/s"

    def run(self, arena: Arena, contenders: Sequence[Contender]) -> dict[str, Result]:
        seating = Seating(self.size, {"bench0": range(self.size)})
        chosen = [c for c in contenders if self.peers or c.name == OURS]
        if any(contender.name == OURS for contender in chosen):
            chosen += self.variants.values()
        entries = [Entry(contender.name, contender, seating) for contender in chosen]
        return contest(arena, entries, lambda guest: self._prepare(arena, guest))

    def _prepare(self, arena: Arena, guest: Guest) -> Play:
        load = load_on(guest, self.speakers)
        load.fixed_rate(self.per_second, _WARM_UP_SECONDS)

        def play() -> dict[str, float]:
            latencies = load.fixed_rate(self.per_second, arena.seconds)
            cuts = statistics.quantiles(latencies, n=100)
            return {P50: cuts[49] / 1e6, P99: cuts[98] / 1e6}

        return play


@dataclass(frozen=True)
class Gathering:
    """Thousands come at the same moment, by token, and then sit there.

    Over TLS one after the other: only what they cost in memory is asked there.
    """

    name: str = "log-in"
    size: int = 5000
    tls: bool = False

    @property
    def title(self) -> str:
        how = "over TLS, one by one" if self.tls else "at the same moment"
        return f"{self.size:,} connections log in {how}, then idle"

    def run(self, arena: Arena, contenders: Sequence[Contender]) -> dict[str, Result]:
        seating = Seating(self.size)
        entries = [Entry(c.name, c, seating, tls=self.tls) for c in contenders]
        return {entry.label: self._measured(arena, entry) for entry in entries}

    def _measured(self, arena: Arena, entry: Entry) -> Result:
        result = Result()
        with result.excused():
            allow_files(self.size)
            for _ in range(min(arena.rounds, 3)):
                self._round(arena, entry, result)
        return result

    def _round(self, arena: Arena, entry: Entry, result: Result) -> None:
        with arena.server(entry) as running:
            crowd = Crowd(running.address)
            with contextlib.closing(crowd):
                memory, before = memory_of(running.pid), usage(running.pid)
                refusals = crowd.open(self.size, at_once=0 if self.tls else self.size)
                used = usage(running.pid) - before
                crowd.settle()
                grown = memory_of(running.pid) - memory
        inside = self.size - len(refusals)
        figures = {} if self.tls else {SECONDS: used.wall}
        figures[REFUSED] = float(len(refusals))
        if inside:
            figures[MEMORY] = grown / inside / 1000
        result.add(figures, used)


@dataclass(frozen=True)
class SlowReaders:
    """A closed loop in a big room where some read slowly: what the others get."""

    name: str = "slow"
    loop: ClosedLoop = ClosedLoop("slow", size=1000, speakers=10, window=4)
    slow: int = 50

    @property
    def title(self) -> str:
        return f"{self.loop.title}, of whom {self.slow} read slowly: deliveries to the others"

    def run(self, arena: Arena, contenders: Sequence[Contender]) -> dict[str, Result]:
        seating = self.loop.seating()
        thin = replace(seating, thin=range(seating.size - self.slow, seating.size))
        entries = [Entry(NOBODY_SLOW, c, seating) for c in contenders if c.name == OURS]
        entries += [Entry(contender.name, contender, thin) for contender in contenders]
        return contest(arena, entries, lambda guest: self._prepare(arena, guest))

    def _prepare(self, arena: Arena, guest: Guest) -> Play:
        load = load_on(guest, self.loop.speakers)
        slow = [guest.crowd.connections[number] for number in guest.entry.seating.thin]
        messages = fitting(load, self.loop.window, arena.seconds)
        (room,) = guest.entry.seating.rooms

        def play() -> dict[str, float]:
            with reading_slowly(slow):
                result = load.closed_loop(messages, self.loop.window)
            guest.crowd.settle()
            lost = [connection for connection in slow if guest.crowd.has_lost(connection)]
            for connection in lost:
                guest.crowd.come_back(connection)
            guest.crowd.join(room, lost)
            guest.crowd.settle()
            return {RATE: result.deliveries / result.seconds, CUT_OFF: float(len(lost))}

        return play


def load_on(guest: Guest, speakers: int) -> Load:
    """Return a load on all rooms of `guest`, with so many speakers in each, evenly spaced."""
    thin = guest.entry.seating.thin
    rooms = []
    for name, numbers in guest.entry.seating.rooms.items():
        members = [guest.crowd.connections[number] for number in numbers if number not in thin]
        rooms.append(Room(name, members, spread(members, speakers)))
    return Load(guest.crowd.address.dialect, rooms)


def fitting(load: Load, window: int, seconds: float) -> int:
    """Return how many messages of each speaker fill a round; warms everything up as it does.

    The fastest round so far says how many: one in which something else went on says nothing.
    """
    messages, fastest = _FIRST_MESSAGES, 0.0
    while True:
        fastest = max(fastest, messages / load.closed_loop(messages, window).seconds)
        full = max(1, int(fastest * seconds))
        if messages * 2 >= full:
            return full
        messages = min(messages * 8, full)
