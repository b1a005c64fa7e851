"""Several `chat-server` processes with one store in PostgreSQL, and a crowd that uses them."""

import re
import signal
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import trio

from support.authors import WIDE, Author, check, reconnect_all
from support.forked_server import ForkedServer
from support.peer import Left, Peer, connected

# Seconds until something happens, on a busy machine.
PATIENCE: Final = 60.0

# Seconds without an answer after which a client connects anew, perhaps to another node.
_SILENCE: Final = 2.0

_HELLO: Final = 0.5  # seconds until a client tries the next node

_AGAIN: Final = 0.02  # seconds until a client tries all nodes again


_EPOCH: Final = re.compile(r"leading +epoch=(\d+)")


class Node:
    """One server, which can be started again. It listens on a Unix socket only."""

    def __init__(self, folder: Path, name: str, url: str, *flags: str) -> None:
        self.name = name
        self.data = folder / name
        self.address = f"unix://{folder}/{name}.sock"
        self.url = url
        self.flags = flags
        self.process: ForkedServer
        self._log = folder / f"{name}.log"
        self._log.touch()

    def start(self) -> None:
        self.process = ForkedServer(
            [
                *("--data", str(self.data), "--listen", self.address),
                *("--store", self.url, "--node", self.name, *WIDE),
                *self.flags,
            ],
            self._log,
        )

    async def start_again(self) -> None:
        """Start it, and wait until it stands by."""
        before = self.log().count("standing by")
        self.start()
        await self.wait_logged("standing by", before + 1)

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()

    async def end(self) -> None:
        """End it, even if it is stopped."""
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        await self.process.wait()

    async def accepts_people(self) -> bool:
        try:
            await (await connected(self.address)).aclose()
        except OSError:
            return False
        return True

    def log(self) -> str:
        return self._log.read_text()

    def epochs(self) -> list[int]:
        """Return the epochs in which it has led."""
        return [int(epoch) for epoch in _EPOCH.findall(self.log())]

    async def wait_logged(self, event: str, times: int = 1) -> None:
        """Wait until the log has `event` so many times."""
        with trio.fail_after(PATIENCE):
            while self.log().count(event) < times:  # noqa: ASYNC110 - of another process
                await trio.sleep(_AGAIN)


class Cluster:
    """The nodes, as people see them who know all addresses."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.accepted: Counter[str] = Counter()  # answers, by the name of the node
        self._answered: Final = trio.lowlevel.ParkingLot()

    async def wait_leader(self) -> tuple[Node, Node]:
        """Wait until all have stood by and one leads; return that one, and another."""
        for node in self.nodes:
            await node.wait_logged("standing by")
        with trio.fail_after(PATIENCE):
            while not (leaders := [node for node in self.nodes if node.epochs()]):  # noqa: ASYNC110
                await trio.sleep(_AGAIN)
        [leader] = leaders
        return leader, next(node for node in self.nodes if node is not leader)

    async def connect(self) -> Peer:
        """Return a peer connected to whichever node accepts it."""
        return (await self.connect_to_any())[0]

    async def connect_to_any(self) -> tuple[Peer, Node]:
        with trio.fail_after(PATIENCE):
            while True:
                for node in self.nodes:
                    with suppress(OSError, Left), trio.move_on_after(_HELLO):
                        return await connected(node.address), node
                await trio.sleep(_AGAIN)

    def answered_by(self, node: Node) -> None:
        self.accepted[node.name] += 1
        self._answered.unpark_all()

    async def wait_answers(self, more: int, *, not_by: Node | None = None) -> Node:
        """Wait until another node than `not_by` has answered so many times more; return it."""
        before = self.accepted.copy()
        with trio.fail_after(PATIENCE):
            while True:
                for node in self.nodes:
                    if node is not not_by and self.accepted[node.name] - before[node.name] >= more:
                        return node
                await self._answered.park()


class Crowd:
    """Authors who post until `finish`, and come back to whichever node accepts them."""

    def __init__(self, cluster: Cluster, size: int = 6) -> None:
        self.cluster = cluster
        self.authors = [Author(f"author{number}") for number in range(size)]
        self._finishing = False

    @asynccontextmanager
    async def at_work(self) -> AsyncGenerator[None]:
        """Let all post during the block, then compare what they were told with what is stored."""
        for author in self.authors:
            await author.reconnect(self.cluster.connect)  # which registers them
        async with trio.open_nursery() as nursery:
            for author in self.authors:
                nursery.start_soon(self._take_part, author)
            yield
            self._finishing = True
            nursery.cancel_scope.deadline = trio.current_time() + PATIENCE
        print(await self._check())  # noqa: T201 - shown by `pytest -s`

    async def _check(self) -> str:
        """Compare what all were told with what is stored; return the counts."""
        acknowledged = sum(author.acknowledged for author in self.authors)
        figures = check(self.authors, await reconnect_all(self.cluster.connect, self.authors))
        return f"acknowledged {acknowledged}, {figures}"

    async def _take_part(self, author: Author) -> None:
        while not self._finishing:
            with trio.move_on_after(_SILENCE) as scope:
                peer, node = await self.cluster.connect_to_any()
                try:
                    await author.join(peer)
                    await author.repeat(peer)
                    await author.post_until_cut(peer, partial(self._goes_on, node, scope))
                except Left:
                    pass
                finally:
                    await trio.aclose_forcefully(peer.stream)

    def _goes_on(self, node: Node, scope: trio.CancelScope) -> bool:
        self.cluster.answered_by(node)
        scope.deadline = trio.current_time() + _SILENCE
        return not self._finishing


@asynccontextmanager
async def running_nodes(*urls: str, flags: Sequence[str] = ()) -> AsyncGenerator[Cluster]:
    """Yield a cluster of which one node leads and the others stand by; all end with the block.

    Each has a URL of its own, of the same database; one URL is for two nodes.
    """
    async with starting_nodes(*urls, flags=flags) as cluster:
        await cluster.wait_leader()
        yield cluster


@asynccontextmanager
async def starting_nodes(*urls: str, flags: Sequence[str] = ()) -> AsyncGenerator[Cluster]:
    """As `running_nodes`, but their processes have only just been started, at the same moment."""
    with TemporaryDirectory(prefix="nodes-") as folder:
        both = urls if len(urls) > 1 else 2 * urls
        nodes = [
            Node(Path(folder), f"node{number}", url, *flags) for number, url in enumerate(both)
        ]
        started: list[Node] = []
        try:
            for node in nodes:
                node.start()
                started.append(node)
            yield Cluster(nodes)
        finally:
            with trio.CancelScope(shield=True):
                for node in started:
                    await node.end()
