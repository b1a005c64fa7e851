"""The cost of search and its index: `cd tests && ../.venv/bin/python -m benchmarks.search`.

First a million messages are written, with words as frequent as in real text, and searched. Then
the closed loop of `fanout` runs with the index and without it, in turns. What the server does
afterwards, until everything is indexed, counts as well.
"""

import argparse
import itertools
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from benchmarks.arena import Arena, Entry, Participant, Play, contest
from benchmarks.asking import Asker, asking
from benchmarks.crowd import Seating
from benchmarks.machine import NotMeasured, choose_cores, usage
from benchmarks.native import ChatServer, cache_folder, token
from benchmarks.results import median
from benchmarks.workloads import CPU_RATE, RATE, ClosedLoop, fitting, load_on

ROOM: Final = "bench0"
MEMBERS: Final = 100
VOCABULARY: Final = 50_000
WORDS: Final = 12  # per message
LOOP: Final = ClosedLoop("n100", size=MEMBERS, senders=10, window=4)
CPU_PER_MESSAGE: Final = "CPU us/message, with indexing"

_INSERT: Final = (
    "INSERT INTO message (room, seq, author, at, nonce, text) VALUES (?, ?, ?, ?, ?, ?)"
)
_ROWS_AT_ONCE: Final = 100_000
_WITHOUT: Final = Path(__file__).with_name("without_index.py")
_NOW: Final = 1_767_225_600_000  # milliseconds since 1970: the first of January 2026
_PACE: Final = 10_000  # milliseconds from one message to the next: a million in four months

#: Seconds between two checks whether the index is complete.
_PAUSE: Final = 1.0


@dataclass(frozen=True)
class Kind:
    """A kind of search: its fields, which vary with the number of the try."""

    name: str
    fields: dict[str, str]

    def ask(self, asker: Asker, number: int) -> int:
        """Search and return the number of hits."""
        rare, other = 1_000 + 37 * number % 9_000, 3 + number % 200
        words = {"rare": f"w{rare}", "common": f"w{other}", "begin": f"w{rare // 10}"}
        filled = {name: text.format(**words) for name, text in self.fields.items()}
        return len(asker.ask("search", **{"words": "", **filled})["hits"])


KINDS: Final = (
    Kind("a rare word", {"words": "{rare}"}),
    Kind("a common word", {"words": "{common}"}),
    Kind("two words", {"words": "{common} {rare}"}),
    Kind("a phrase", {"words": '"{common} w1"'}),
    Kind("a beginning", {"words": "{begin}*"}),
    Kind("by one person", {"words": "{common}", "author": "m00007"}),
    Kind("old messages", {"words": "{common}", "until": "2026-01-08T00:00:00Z"}),
    Kind("no match", {"words": "{common} nosuchword"}),
)  # fmt: skip


def write_messages(path: Path, count: int) -> None:
    """Write `count` messages of all members; the n-th word is 1/n as frequent as the first."""
    chance = random.Random(1)
    words = [f"w{number}" for number in range(1, VOCABULARY + 1)]
    weights = list(itertools.accumulate(1 / number for number in range(1, VOCABULARY + 1)))
    db = apsw.Connection(str(path))
    (room,) = db.execute("SELECT id FROM room WHERE key = ?", (ROOM,)).fetchall()[0]
    for first in range(0, count, _ROWS_AT_ONCE):
        rows = (
            (room, seq + 1, seq % MEMBERS + 1, _NOW + _PACE * seq, f"{seq:024x}", " ".join(chosen))
            for seq in range(first, min(count, first + _ROWS_AT_ONCE))
            for chosen in [chance.choices(words, cum_weights=weights, k=WORDS)]
        )
        with db:
            db.executemany(_INSERT, rows)
    with db:
        db.execute("UPDATE room SET last_seq = ? WHERE id = ?", (count, room))
    db.close()


@dataclass(frozen=True)
class ServerWithMessages(ChatServer):
    """Our server, starting with `messages` in its room."""

    messages: int = 0

    def fill_database(self, path: Path, seating: Seating) -> None:
        super().fill_database(path, seating)
        write_messages(path, self.messages)


def latencies(arena: Arena, messages: int, tries: int) -> None:
    """Search among `messages` and print how long that takes."""
    entry = Entry(
        "search", ServerWithMessages(messages=messages), Seating(MEMBERS, {ROOM: range(MEMBERS)})
    )
    with arena.server(entry) as running, asking(running.address.port) as asker:
        asker.ask("resume", token=token(0), seen={})
        started = time.perf_counter()
        _wait_for_index(asker)
        show(f"{messages:,} messages are indexed after {time.perf_counter() - started:.0f} s\n")
        show("search                  p50 ms   p95 ms       max    hits (median)\n")
        every = [seconds for kind in KINDS for seconds in _timed(asker, kind, tries)]
        show(_row("all of these", every, []))


def _wait_for_index(asker: Asker) -> None:
    """Wait until the newest message is found."""
    newest = asker.ask("history", room=ROOM, limit=1)["messages"][0]
    while True:
        hits = asker.ask("search", words=newest["text"])["hits"]
        if any(hit["seq"] == newest["seq"] for hit in hits):
            return
        time.sleep(_PAUSE)


def _timed(asker: Asker, kind: Kind, tries: int) -> list[float]:
    times, found = [], []
    for number in range(tries):
        started = time.perf_counter()
        found.append(kind.ask(asker, number))
        times.append(time.perf_counter() - started)
    show(_row(kind.name, times, found))
    return times


def _row(name: str, times: Sequence[float], found: Sequence[int]) -> str:
    cuts = [1000 * cut for cut in (*statistics.quantiles(times, n=20), max(times))]
    hits = f"{statistics.median(found):9.0f}" if found else ""
    return f"{name:<22} {cuts[9]:7.1f}  {cuts[18]:7.1f}   {cuts[-1]:7.1f}{hits}\n"


def cost(arena: Arena, turns: int) -> None:
    """Run the loop with the index and without it, in turns, and print the difference."""
    servers = {"with": ChatServer(), "without": ChatServer(program=[str(_WITHOUT)])}
    figures: dict[str, dict[str, list[float]]] = {label: {} for label in servers}
    for label in _in_turns(servers, turns):
        entry = Entry(label, servers[label], LOOP.seating())
        result = contest(arena, [entry], lambda participant: _play(arena, participant))[label]
        if not result.measured:
            raise NotMeasured(result.reason)
        for metric, values in result.figures.items():
            figures[label].setdefault(metric, []).append(median(values))
    for metric in (RATE, CPU_RATE, CPU_PER_MESSAGE):
        with_, without = figures["with"][metric], figures["without"][metric]
        pairs = [mine / other for mine, other in zip(with_, without, strict=True)]
        show(
            f"{metric:<38} {median(with_):12,.1f} {median(without):12,.1f}"
            f"  x {median(pairs):.2f} [{min(pairs):.2f} … {max(pairs):.2f}]\n"
        )


def _in_turns(labels: dict[str, ChatServer], turns: int) -> Iterator[str]:
    for turn in range(turns):
        yield from labels if turn % 2 == 0 else reversed(labels)


def _play(arena: Arena, participant: Participant) -> Play:
    load = load_on(participant, LOOP.senders)
    messages = fitting(load, LOOP.window, arena.seconds)
    _wait_for_rest(participant)

    def play() -> dict[str, float]:
        before = usage(participant.running.pid)
        result = load.closed_loop(messages, LOOP.window)
        during = usage(participant.running.pid) - before
        _wait_for_rest(participant)
        whole = usage(participant.running.pid) - before
        return {
            RATE: result.deliveries / result.seconds,
            CPU_RATE: result.deliveries / during.server,
            CPU_PER_MESSAGE: whole.server / (messages * LOOP.senders) * 1e6,
        }

    return play


def _wait_for_rest(participant: Participant) -> None:
    """Wait until the server has been idle for a while."""
    quiet, before = 0, usage(participant.running.pid).server
    while quiet < 2:
        time.sleep(_PAUSE)
        now = usage(participant.running.pid).server
        quiet, before = (quiet + 1 if now == before else 0), now


def show(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument(
        "--tries", type=int, default=100, help="Run each kind of search this many times"
    )
    parser.add_argument(
        "--turns",
        type=int,
        default=5,
        help="Compare with and without the index this many times (0: skip)",
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=cache_folder(), prefix="search-") as folder:
        arena = Arena(choose_cores(), Path(folder), rounds=1, seconds=2.0, retries=0)
        latencies(arena, options.messages, options.tries)
        if options.turns:
            show("\none room of 100, 10 senders        with the index      without\n")
            cost(arena, options.turns)


if __name__ == "__main__":
    main()
