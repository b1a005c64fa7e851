"""What others wait for while a server has long work: indexing, a backup, a class logging in.

A real server that starts with a million messages and no index of them. One member pings all the
time while they are indexed, while `chat-server backup` runs, while hundreds log in by password at
once, while thousands do so by token and hang up, all at once, and while nothing happens, which
shows what the machine itself adds.
"""

import argparse
import resource
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from benchmarks.crowd import Seating
from benchmarks.native import token
from benchmarks.pinging import pinging
from benchmarks.search import MEMBERS, ROOM, ServerWithMessages
from chat_shared import messages as m
from support.peer import PASSWORD, Peer
from support.server_process import COMMAND, ServerProcess, running

GOAL: Final = 50.0  # milliseconds for the longest pong

#: Accounts that those who log in by password share.
_ACCOUNTS: Final = 20

_CALM: Final = 3.0  # seconds in which nothing happens, and until all who hung up have ended
_PAUSE: Final = 0.2  # seconds between two looks at whether the index is complete

_WIDE: Final = [
    part
    for name in ("requests", "requests-per-second", "connections", "connections-per-address",
                 "sessions-per-account", "registrations")
    for part in (f"--limits.{name}", "1000000")
]  # fmt: skip


@dataclass
class Phase:
    """What was going on, and what a pong took meanwhile."""

    name: str
    seconds: float = 0.0
    pongs: int = 0
    longest: float = 0.0  # milliseconds
    late: int = 0  # pongs that took longer than the goal

    def __str__(self) -> str:
        verdict = "missed" if self.late else "reached"
        return (
            f"{self.name:<28} {self.seconds:6.1f} s  {self.pongs:7,} pongs  longest"
            f" {self.longest:4.0f} ms, {self.late} over {GOAL:.0f} ms: {verdict}"
        )


async def measure(
    folder: Path, messages: int, log_ins: int, by_token: int, calm: float = _CALM
) -> list[Phase]:
    """Return the phases of a server with so many messages.

    `log_ins` clients log in by password, and `by_token` with a token.
    """
    seating = Seating(MEMBERS, {ROOM: range(MEMBERS)})
    data = ServerWithMessages(messages=messages).filled(folder, seating)
    phases: list[Phase] = []
    async with running(data, *_WIDE, is_forked=False) as server:
        peers = [await server.connect() for _ in range(2)]
        for number, peer in enumerate(peers):
            await peer.resume(token(number))
        async with _phase(f"{messages:,} messages indexed", peers[0], phases):
            await _wait_for_index(peers[1])
        async with _phase("a backup", peers[0], phases):
            await _back_up(data, folder / "backup.db")
        for number in range(_ACCOUNTS):
            await (await server.connect()).register(f"name{number}")
        async with _phase(f"{log_ins:,} log-ins by password", peers[0], phases):
            await _log_in(server, log_ins)
        async with _phase(f"{by_token:,} come by token and go", peers[0], phases):
            await _log_in_by_token(server, by_token)
            await trio.sleep(calm)
        async with _phase("nothing", peers[0], phases):
            await trio.sleep(calm)
    return phases


@asynccontextmanager
async def _phase(name: str, pinger: Peer, phases: list[Phase]) -> AsyncGenerator[None]:
    """Measure what happens in the block as one phase."""
    started = trio.current_time()
    async with pinging(pinger) as waits:
        yield
    phase = Phase(name, trio.current_time() - started, len(waits) - 1, max(waits) * 1000)
    phase.late = sum(wait * 1000 > GOAL for wait in waits)
    phases.append(phase)


async def _wait_for_index(peer: Peer) -> None:
    """Wait until the newest message is found."""
    page = await peer.history(ROOM, limit=1)
    newest = page.messages[0]
    assert isinstance(newest, m.Line)
    while True:
        found = await peer.ask(m.Search(newest.text, id=peer.number()))
        # An error, at first: there is nothing to search yet.
        if isinstance(found, m.Found) and any(hit.seq == newest.seq for hit in found.hits):
            return
        await trio.sleep(_PAUSE)


async def _back_up(data: Path, file: Path) -> None:
    await trio.run_process([COMMAND, "backup", "--data", str(data), str(file)], capture_stdout=True)


async def _log_in(server: ServerProcess, count: int) -> None:
    """Let `count` clients log in by password at the same time."""
    peers = [await server.connect() for _ in range(count)]
    async with trio.open_nursery() as nursery:
        for number, peer in enumerate(peers):
            nursery.start_soon(_try_log_in, peer, f"name{number % _ACCOUNTS}")


async def _log_in_by_token(server: ServerProcess, count: int) -> None:
    """Let `count` clients log in by token at the same time, and hang up at the same time."""
    port, tests = server.address.rpartition(":")[2], Path(__file__).parents[1]
    arguments = [port, str(count), str(MEMBERS)]
    await trio.run_process(
        [sys.executable, "-m", "benchmarks.token_log_ins", *arguments], cwd=tests
    )


async def _try_log_in(peer: Peer, name: str) -> None:
    """Log in; wait and try again for as long as the server has too many to check."""
    while True:
        reply = await peer.ask(m.Login(name, PASSWORD, id=peer.number()))
        if not isinstance(reply, m.Error):
            return
        assert reply.retry_after, reply
        await trio.sleep(reply.retry_after)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pongs", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000, help="Index so many messages")
    parser.add_argument("--log-ins", type=int, default=500, help="Let so many log in at once")
    parser.add_argument("--by-token", type=int, default=5_000, help="Let so many log in by token")
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder:
        phases = trio.run(
            measure, Path(folder), options.messages, options.log_ins, options.by_token
        )
    sys.stdout.writelines(f"{phase}\n" for phase in phases)


if __name__ == "__main__":
    main()
