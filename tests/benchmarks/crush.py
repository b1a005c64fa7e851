"""The cost of a crowd: log-ins by password and by token, and a thousand stalled readers.

A real server on an empty folder, and all clients in this process. One member
pings all the time meanwhile, as `benchmarks.pinging` says.
"""

import argparse
import resource
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import trio

from benchmarks.pinging import pinging
from support.peer import Left, Peer
from support.server_process import ServerProcess, running

_AT_ONCE: Final = 8  # clients that log in at the same time
_TEXT: Final = "x" * 4_000
_MIB: Final = 2**20

_WIDE: Final = [
    part
    for name in ("posts", "posts-per-second", "requests", "requests-per-second",
                 "connections-per-address", "sessions-per-account", "registrations")
    for part in (f"--limits.{name}", "1000000")
]  # fmt: skip


@dataclass
class Figures:
    """The measurements, in the order of the report."""

    by_password: float = 0.0  # log-ins a second
    by_token: float = 0.0
    stall_by_password: float = 0.0  # seconds: the longest wait for a pong meanwhile
    stall_by_token: float = 0.0
    readers: int = 0  # clients that do not read
    sent: int = 0  # bytes of text, for each of them
    memory: list[float] = field(
        default_factory=list
    )  # MiB: before, with all connected, at the peak
    disconnected: int = 0  # of those that did not read


async def measure(data: Path, log_ins: int, readers: int, posts: int) -> Figures:
    """Run everything on a new server in `data`."""
    figures = Figures(readers=readers, sent=posts * len(_TEXT))
    async with running(data, *_WIDE, is_forked=False) as server:
        peers = [await _registered(server, number) for number in range(_AT_ONCE)]
        async with pinging(peers[0]) as waits:
            figures.by_password = await _rate(server, log_ins, _by_password)
            figures.stall_by_password = max(waits)
            waits.clear()
            tokens = [peer.token for peer in peers]
            figures.by_token = await _rate(server, log_ins, partial(_by_token, tokens))
            figures.stall_by_token = max(waits)
        await _stall(server, peers[1], posts, figures)
    return figures


async def _registered(server: ServerProcess, number: int) -> Peer:
    peer = await server.connect()
    await peer.register(f"name{number}")
    return peer


async def _by_password(peer: Peer, number: int) -> None:
    await peer.log_in(f"name{number}")


async def _by_token(tokens: Sequence[str], peer: Peer, number: int) -> None:
    await peer.resume(tokens[number])


async def _rate(
    server: ServerProcess, log_ins: int, log_in: Callable[[Peer, int], Awaitable[None]]
) -> float:
    """Return the log-ins per second, over as many parallel clients as peers."""

    async def run_client(number: int) -> None:
        for _ in range(log_ins // _AT_ONCE):
            peer = await server.connect()
            await log_in(peer, number)
            await peer.aclose()

    started = trio.current_time()
    async with trio.open_nursery() as nursery:
        for number in range(_AT_ONCE):
            nursery.start_soon(run_client, number)
    return log_ins // _AT_ONCE * _AT_ONCE / (trio.current_time() - started)


async def _stall(server: ServerProcess, author: Peer, posts: int, figures: Figures) -> None:
    """Connect all readers, and post until each should be disconnected."""
    figures.memory.append(_memory(server, "VmRSS"))
    stalled = []
    for _ in range(figures.readers):
        peer = await server.connect()
        await peer.resume(author.token)
        stalled.append(peer)
    figures.memory.append(_memory(server, "VmRSS"))
    for _ in range(posts):
        await author.post(_TEXT)
        author.unread.clear()
    figures.memory.append(_memory(server, "VmHWM"))
    for peer in stalled:
        figures.disconnected += await _was_disconnected(peer)


async def _was_disconnected(peer: Peer) -> bool:
    """Return whether the connection ends before a pong."""
    try:
        await peer.ping()
    except Left:
        return True
    return False


def _memory(server: ServerProcess, what: str) -> float:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (kib,) = (line.split()[1] for line in status.splitlines() if line.startswith(f"{what}:"))
    return int(kib) * 1024 / _MIB


def report(figures: Figures) -> str:
    before, connected, peak = figures.memory
    return (
        f"log-ins by password  {figures.by_password:8.0f} per second,"
        f" longest pong {figures.stall_by_password * 1000:.0f} ms\n"
        f"log-ins by token     {figures.by_token:8.0f} per second,"
        f" longest pong {figures.stall_by_token * 1000:.0f} ms\n"
        f"{figures.readers:,} stalled readers, {figures.sent / _MIB:.1f} MiB each:"
        f" {before:.0f} MiB before, {connected:.0f} MiB connected, {peak:.0f} MiB peak;"
        f" {figures.disconnected:,} were disconnected\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crush", description=__doc__)
    parser.add_argument("--log-ins", type=int, default=400)
    parser.add_argument("--readers", type=int, default=1_000)
    parser.add_argument(
        "--posts", type=int, default=1_200, help="Send this many posts of 4,000 characters"
    )
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder:
        sizes = options.log_ins, options.readers, options.posts
        figures = trio.run(measure, Path(folder) / "data", *sizes)
    print(report(figures), end="")  # noqa: T201 - the output of the program


if __name__ == "__main__":
    main()
