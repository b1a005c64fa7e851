"""The load: which client sends when, and the count of deliveries. One process, no parsing.

Theory of operation. Every delivery must be counted and none may wait long, yet one Python loop has
to outrun servers that deliver millions a second. So the members of a room fall into two kinds:

- One **observer** per room, which never sends, is watched by epoll and read the moment something
  arrives. It is in the middle of the order of joining, so that a server writes to it neither first
  nor last.
- All **others**, including senders, are read in rotation, once per `MESSAGES_PER_READ` messages of
  their room. A read costs the same for one message as for fifty; the kernel buffers them meanwhile.
  At a fixed rate there is time, and they are read after every message, as real clients do, with
  looks at the observer in between.

"In flight" means the same for every server: a message is in flight from the sender's `send`
until the room's observer has read it. IRC does not echo to the sender and other protocols do, so
the sender's own copy cannot be the signal; and a server that serves the sender first would gain by
it. A round ends when *every* member has *every* message, so a server gains nothing by being late to
unwatched members.
"""

import itertools
import select
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.connections import Connection
from benchmarks.dialects import Dialect
from benchmarks.machine import NotMeasured
from benchmarks.reader import Reader
from benchmarks.texts import SameText, Texts, body, stamps

#: Messages of a room after which each of its unwatched members is read once: some ten kilobytes,
#: far less than a socket buffers, and enough to make the cost of the call small.
MESSAGES_PER_READ = 256

#: Unwatched members that are read between two looks at the observers.
_READS_AT_ONCE = 8

#: Seconds without any progress after which the server counts as stuck.
_STUCK = 10.0


@dataclass(eq=False)
class Room:
    """A room as the load sees it: its name, its members, and those that send."""

    name: str
    members: Sequence[Connection]
    senders: Sequence[Connection]

    @property
    def observer(self) -> Connection:
        """The watched member: of those that do not send, the one in the middle."""
        listeners = [member for member in self.members if member not in self.senders]
        return listeners[len(listeners) // 2]


@dataclass(eq=False, slots=True)
class Sender:
    """A sender, its room, how many messages are still to be sent, and how many were seen there."""

    number: int
    room: str
    connection: Connection
    left: int = 0
    seen: int = 0


@dataclass(eq=False, slots=True)
class Watch:
    """The observer of a room, its senders by the key in their messages, and its size in reads."""

    observer: Connection
    senders: dict[bytes, Sender]
    reads_per_message: float
    seen: int = 0


@dataclass(frozen=True)
class Round:
    """The result of one round of load."""

    seconds: float
    messages: int
    deliveries: int

    @property
    def counts(self) -> dict[str, int]:
        """The counts that can be checked: messages sent and deliveries."""
        return {"messages": self.messages, "deliveries": self.deliveries}


@dataclass
class Load:
    """Puts the rooms of a crowd under load, round after round, in one dialect."""

    dialect: Dialect
    rooms: Sequence[Room]
    texts: Texts = field(default_factory=SameText)
    _epoll: select.epoll = field(default_factory=select.epoll)

    def __post_init__(self) -> None:
        self._reader = Reader(self.texts.marker)
        numbers = itertools.count()
        self._watches = {
            watch.observer.stream.fileno(): watch
            for watch in (self._watch(room, numbers) for room in self.rooms)
        }
        for fd in self._watches:
            self._epoll.register(fd, select.EPOLLIN)
        self._senders = [
            sender for watch in self._watches.values() for sender in watch.senders.values()
        ]
        self._observers = {watch.observer for watch in self._watches.values()}
        self._members = [member for room in self.rooms for member in room.members]
        self._others = [member for member in self._members if member not in self._observers]
        self._rotation = itertools.cycle(self._others)
        self._due = 0  # how many others are still to be read since an observer was

    def closed_loop(self, messages: int, window: int) -> Round:
        """Let every sender send `messages`, `window` of them in flight; wait for all deliveries.

        Raises NotMeasured if the load stalls before each member has received exactly what was sent
        to it.
        """
        for member in self._members:
            member.deliveries = 0
        total = messages * len(self._senders)
        started = time.perf_counter()
        for sender in self._senders:
            sender.left = messages
            self._send(sender, window)
        self._drive(total)
        self.collect(messages)
        seconds = time.perf_counter() - started
        return Round(seconds, total, sum(member.deliveries for member in self._members))

    def fixed_rate(self, per_second: float, seconds: float) -> list[int]:
        """Send at an even pace, the senders taking turns; return the observers' latencies in ns.

        A latency is from the moment before the sender's `send` to the moment after the
        observer's `recv`. The others read too as soon as the observer has: a server with Nagle's
        algorithm sends late to a late reader, and would gain by it.
        """
        count = int(per_second * seconds)
        latencies: list[int] = []
        started = time.perf_counter()
        for turn, sender in enumerate(itertools.islice(itertools.cycle(self._senders), count)):
            self._listen(latencies, until=started + turn / per_second)
            self._send_stamped(sender)
        deadline = time.perf_counter() + _STUCK
        while len(latencies) < count and time.perf_counter() < deadline:
            self._listen(latencies, until=time.perf_counter() + 0.01)
        if len(latencies) != count:
            raise NotMeasured(f"{len(latencies)} of {count} messages arrived")
        return latencies

    def _watch(self, room: Room, numbers: Iterator[int]) -> Watch:
        watched = [Sender(next(numbers), room.name, connection) for connection in room.senders]
        by_key = {self.texts.sender_key(sender.number): sender for sender in watched}
        return Watch(room.observer, by_key, len(room.members) / MESSAGES_PER_READ)

    def _send_stamped(self, sender: Sender) -> None:
        """Send the one text that says when it was sent."""
        text = body(sender.number, time.monotonic_ns())
        sender.connection.send(self.dialect.posts(sender.room, text, 1))

    def _send(self, sender: Sender, count: int) -> None:
        """Send the next `count` messages of `sender`, or what is left, in one write."""
        count = min(count, sender.left)
        if count:
            sender.left -= count
            sender.connection.send(
                self.texts.posts(self.dialect, sender.room, sender.number, count, sender.seen)
            )

    def _listen(self, latencies: list[int], *, until: float) -> None:
        """Read the observers until `until`, recording the age of each message."""
        while (timeout := until - time.perf_counter()) > 0:
            for fd, _ in self._epoll.poll(0 if self._due else timeout):
                lines = self._observe(self._watches[fd])
                now = time.monotonic_ns()
                latencies.extend(now - stamp for stamp in stamps(lines))
                self._due = len(self._others)
            self._due -= self._read_some(self._due)

    def _observe(self, watch: Watch) -> bytes:
        lines = self._reader.lines(watch.observer)
        # Some servers leave Nagle's algorithm on. An observer that acknowledges late, as idle
        # receivers do, would hold back its next message for 40 ms and so stop the whole loop.
        watch.observer.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return lines

    def _drive(self, unseen: int) -> None:
        """Keep the windows full until the observers have seen all of `unseen` messages."""
        due = 0.0
        deadline = time.monotonic() + _STUCK
        while unseen:
            events = self._epoll.poll(0 if due >= 1 else 1.0)
            for fd, _ in events:
                watch = self._watches[fd]
                seen = self._answer(watch)
                due += seen * watch.reads_per_message
                unseen -= seen
            due -= self._read_some(due)
            if events:
                deadline = time.monotonic() + _STUCK
            elif time.monotonic() > deadline:
                raise NotMeasured(f"stuck: {unseen} messages never arrived; {self._last_bytes()}")

    def _answer(self, watch: Watch) -> int:
        """Send one message for each that the observer has received; return their number."""
        seen = self.texts.senders(self._observe(watch))
        watch.seen += seen.total()
        for key, count in seen.items():
            sender = watch.senders[key]
            sender.seen = watch.seen
            self._send(sender, count)
        return seen.total()

    def _read_some(self, due: float) -> int:
        """Read the next few other members in rotation, at most as many as are due."""
        reads = min(int(due), _READS_AT_ONCE)
        for member in itertools.islice(self._rotation, reads):
            self._reader.count(member)
        return reads

    def collect(self, messages: int) -> None:
        """Read until each member has exactly what was sent to it: `messages` of each sender."""
        expected = self._expectations(messages)
        deadline = time.monotonic() + _STUCK
        while behind := [member for member in expected if member.deliveries != expected[member]]:
            for member in behind:
                self._read(member)
            if time.monotonic() > deadline:
                raise NotMeasured(_shortfall(behind, expected))

    def _expectations(self, messages: int) -> dict[Connection, int]:
        expected = {
            member: messages * len(room.senders) for room in self.rooms for member in room.members
        }
        if not self.dialect.echoes:
            for sender in self._senders:
                expected[sender.connection] -= messages
        return expected

    def _read(self, member: Connection) -> None:
        if member in self._observers:
            self._reader.lines(member)
        else:
            self._reader.count(member)

    def _last_bytes(self) -> str:
        connection = self._senders[0].connection
        self._reader.lines(connection)
        return f"the first sender received last: {connection.tail[-200:]!r}"


def _shortfall(behind: Sequence[Connection], expected: dict[Connection, int]) -> str:
    first = behind[0]
    return (
        f"{len(behind)} members did not get exactly what was sent: "
        f"connection {first.number} has {first.deliveries} of {expected[first]}"
    )
