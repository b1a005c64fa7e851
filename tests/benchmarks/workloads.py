"""The workloads: which clients take part, and what one round does."""

import contextlib
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from benchmarks.arena import Arena, Entry, Participant, Play, contest
from benchmarks.connections import LOOPBACK
from benchmarks.crowd import Crowd, Seating, spread
from benchmarks.generator import Load, Room
from benchmarks.machine import CPU_TICK, allow_files, memory_of, usage
from benchmarks.mixed import MixedTexts
from benchmarks.native import OURS, ChatServer
from benchmarks.peers import Contender
from benchmarks.results import Result
from benchmarks.slow_readers import reading_slowly
from benchmarks.texts import SameText, Texts

#: Labels of our own server under other conditions.
PROCESS = f"{OURS}, durability process"
LONG_HISTORY = f"{OURS}, 10 M rows"
NO_IDLE = f"{OURS}, no idle sessions"
NONE_SLOW = f"{OURS}, no slow readers"

#: Names of metrics, as the goals refer to them.
RATE = "deliveries/s"
CPU_RATE = (
    "deliveries/CPU-s"  # per second of the server's own time: less sensitive to a busy machine
)
P50 = "p50 ms"
P99 = "p99 ms"
MEMORY = "kB per connection"
SECONDS = "seconds"
REFUSED = "refused"
CUT_OFF = "slow readers cut off"

#: Length of the fixed-rate round that is discarded.
_WARM_UP_SECONDS = 0.5

#: Messages of each sender in the first round of a closed loop, which is discarded.
_FIRST_MESSAGES = 8

#: Sizes of the room in the cost curve.
CURVE = (50, 100, 400, 1000, 2000)


class Workload(Protocol):
    """Something that servers are measured with."""

    @property
    def name(self) -> str:
        """The name in options and tables."""

    @property
    def title(self) -> str:
        """One line that describes it."""

    def run(self, arena: Arena, contenders: Sequence[Contender]) -> dict[str, Result]:
        """Return the result of each of `contenders`, by label."""


@dataclass(frozen=True)
class ClosedLoop:
    """Rooms of `size` in which `senders` each keep `window` messages in flight."""

    name: str
    size: int
    senders: int
    window: int
    rooms: int = 1
    tls: bool = False
    host: str = LOOPBACK
    is_mixed: bool = False  # texts as people write them, instead of the same short one

    @property
    def title(self) -> str:
        rooms = f"{self.rooms} rooms" if self.rooms > 1 else "one room"
        tls = ", TLS" if self.tls else ""
        ipv6 = ", IPv6" if self.host != LOOPBACK else ""
        mixed = ", texts as people write them" if self.is_mixed else ""
        return (
            f"{rooms} of {self.size}, {self.senders} senders with {self.window} messages"
            f" in flight each{tls}{ipv6}{mixed}"
        )

    def run(self, arena: Arena, contenders: Sequence[Contender]) -> dict[str, Result]:
        entries = [
            Entry(contender.name, contender, self.seating(), tls=self.tls)
            for contender in contenders
        ]
        return contest(arena, entries, lambda participant: self.prepare(arena, participant))

    def seating(self) -> Seating:
        rooms = {
            f"bench{number}": range(number * self.size, (number + 1) * self.size)
            for number in range(self.rooms)
        }
        return Seating(self.size * self.rooms, rooms, host=self.host)

    def prepare(self, arena: Arena, participant: Participant) -> Play:
        texts = MixedTexts() if self.is_mixed else SameText()
        load = load_on(participant, self.senders, texts)
        messages = fitting(load, self.window, arena.seconds)

        def play() -> dict[str, float]:
            before = usage(participant.running.pid)
            result = load.closed_loop(messages, self.window)
            used = usage(participant.running.pid) - before
            participant.result.counts.append(result.counts)
            return {
                RATE: result.deliveries / result.seconds,
                CPU_RATE: result.deliveries / max(used.server, CPU_TICK),
            }

        return play


@dataclass(frozen=True)
class IdleSessions:
    """A closed loop in a room of ten while thousands of others are connected and silent."""

    name: str = "idle"
    loop: ClosedLoop = ClosedLoop("idle", size=10, senders=5, window=4)
    idle: int = 5000

    @property
    def title(self) -> str:
        return f"{self.loop.title}, while {self.idle:,} other sessions idle"

    def run(self, arena: Arena, contenders: Sequence[Contender]) -> dict[str, Result]:
        alone = self.loop.seating()
        crowded = replace(alone, size=alone.size + self.idle)
        entries = [Entry(NO_IDLE, c, alone) for c in contenders if c.name == OURS]
        entries += [Entry(contender.name, contender, crowded) for contender in contenders]
        return contest(arena, entries, lambda participant: self.loop.prepare(arena, participant))


@dataclass(frozen=True)
class FixedRate:
    """Latency in one room at a rate that no server has trouble with."""

    name: str
    size: int
    senders: int
    per_second: float
    #: Variants of our server, by label.
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
        return contest(arena, entries, lambda participant: self._prepare(arena, participant))

    def _prepare(self, arena: Arena, participant: Participant) -> Play:
        load = load_on(participant, self.senders)
        load.fixed_rate(self.per_second, _WARM_UP_SECONDS)

        def play() -> dict[str, float]:
            latencies = load.fixed_rate(self.per_second, arena.seconds)
            cuts = statistics.quantiles(latencies, n=100)
            return {P50: cuts[49] / 1e6, P99: cuts[98] / 1e6}

        return play


@dataclass(frozen=True)
class MassLogin:
    """Thousands log in by token at the same moment, and then idle.

    Over TLS one after the other: only their memory is measured there.
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
        with result.recording_failure():
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
        accepted = self.size - len(refusals)
        figures = {} if self.tls else {SECONDS: used.wall}
        figures[REFUSED] = float(len(refusals))
        if accepted:
            figures[MEMORY] = grown / accepted / 1000
        result.add(figures, used)


@dataclass(frozen=True)
class SlowReaders:
    """A closed loop in a big room where some read slowly: the rate of the others."""

    name: str = "slow"
    loop: ClosedLoop = ClosedLoop("slow", size=1000, senders=10, window=4)
    slow: int = 50

    @property
    def title(self) -> str:
        return f"{self.loop.title}, {self.slow} slow readers: deliveries to the others"

    def run(self, arena: Arena, contenders: Sequence[Contender]) -> dict[str, Result]:
        seating = self.loop.seating()
        thin = replace(seating, thin=range(seating.size - self.slow, seating.size))
        entries = [Entry(NONE_SLOW, c, seating) for c in contenders if c.name == OURS]
        entries += [Entry(contender.name, contender, thin) for contender in contenders]
        return contest(arena, entries, lambda participant: self._prepare(arena, participant))

    def _prepare(self, arena: Arena, participant: Participant) -> Play:
        load = load_on(participant, self.loop.senders)
        slow = [participant.crowd.connections[number] for number in participant.entry.seating.thin]
        messages = fitting(load, self.loop.window, arena.seconds)
        (room,) = participant.entry.seating.rooms

        def play() -> dict[str, float]:
            with reading_slowly(slow):
                result = load.closed_loop(messages, self.loop.window)
            participant.crowd.settle()
            lost = [connection for connection in slow if participant.crowd.has_lost(connection)]
            for connection in lost:
                participant.crowd.reconnect(connection)
            participant.crowd.join(room, lost)
            participant.crowd.settle()
            return {RATE: result.deliveries / result.seconds, CUT_OFF: float(len(lost))}

        return play


def load_on(participant: Participant, senders: int, texts: Texts | None = None) -> Load:
    """Return a load on all rooms of `participant`, with `senders` in each, evenly spaced."""
    thin = participant.entry.seating.thin
    rooms = []
    for name, numbers in participant.entry.seating.rooms.items():
        members = [
            participant.crowd.connections[number] for number in numbers if number not in thin
        ]
        rooms.append(Room(name, members, spread(members, senders)))
    return Load(participant.crowd.address.dialect, rooms, texts or SameText())


def fitting(load: Load, window: int, seconds: float) -> int:
    """Return how many messages of each sender fill a round; warms up as a side effect.

    The fastest round so far determines the number: a disturbed round is slower.
    """
    messages, fastest = _FIRST_MESSAGES, 0.0
    while True:
        fastest = max(fastest, messages / load.closed_loop(messages, window).seconds)
        full = max(1, int(fastest * seconds))
        if messages * 2 >= full:
            return full
        messages = min(messages * 8, full)
