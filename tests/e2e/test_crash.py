"""A server killed while eight people post and edit loses nothing that it acknowledged.

`CRASH_ROUNDS` sets how often it is killed, `CRASH_SEED` the moments.
"""

import os
import random
import signal
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import trio

from chat_shared import messages as m
from support.peer import Left, Peer
from support.server_process import ServerProcess, running

_ROUNDS = int(os.environ.get("CRASH_ROUNDS", "3"))
_SEED = int(os.environ.get("CRASH_SEED", "1"))

_AUTHORS = 8

# High limits, so that only the disk slows the authors down.
_WIDE = [
    part
    for name in ("posts", "posts-per-second", "requests", "requests-per-second")
    for part in (f"--limits.{name}", "1000000")
]


@dataclass
class Author:
    """A user who posts as fast as they are answered, and records every answer and event."""

    name: str
    token: str = ""
    accepted: dict[int, str] = field(default_factory=dict)  # seq to text
    edits: dict[int, int] = field(default_factory=dict)  # seq to the seq of the edited message
    received: dict[int, str] = field(default_factory=dict)  # seq to text
    last_received: int = 0
    unanswered: m.Post | m.Edit | None = None
    _numbers: "count[int]" = field(default_factory=count)

    async def log_in(self, server: ServerProcess) -> Peer:
        peer = await server.connect()
        if self.token:
            await peer.resume(self.token, {"general": self.last_received})
        else:
            self.token = (await peer.register(self.name)).token
        return peer

    async def post_until_cut(self, peer: Peer, answered: "Answers") -> None:
        """Post until the connection breaks."""
        try:
            while True:
                self.unanswered = self._next_request(peer)
                await peer.send(self.unanswered)
                while not await self._record(await peer.receive()):
                    pass
                answered.add()
        except Left:
            pass

    async def reconnect(self, server: ServerProcess) -> None:
        """Catch up, and repeat the request that was not answered."""
        peer = await self.log_in(server)
        if self.unanswered is not None:
            await self._record(await peer.grant(self.unanswered, m.Accepted))
        await peer.ping()
        for message in peer.unread:
            await self._record(message)
        await peer.aclose()

    def _next_request(self, peer: Peer) -> m.Post | m.Edit:
        """Return the next post; every fourth is an edit of the previous one."""
        number = next(self._numbers)
        text, nonce = f"{self.name} {number}", f"{self.name}-{number:08}"
        if number % 4 == 3:
            return m.Edit("general", max(self.accepted), text, nonce, id=peer.number())
        return peer.draft(text, nonce=nonce)

    async def _record(self, message: m.Message) -> bool:
        """Record `message`; return whether it answers the pending request."""
        if isinstance(message, m.Posted | m.Edited):
            assert message.seq == self.last_received + 1
            self.last_received = message.seq
            self.received[getattr(message, "of", message.seq)] = message.text
        if not isinstance(message, m.Accepted):
            return False
        assert self.unanswered is not None
        of = getattr(self.unanswered, "of", message.seq)
        self.accepted[of] = self.unanswered.text
        if of != message.seq:
            self.edits[message.seq] = of
        self.unanswered = None
        return True


class Answers:
    """Counts answers, and sets an event after enough of them."""

    def __init__(self, enough: int) -> None:
        self._missing = enough
        self.enough = trio.Event()

    def add(self) -> None:
        self._missing -= 1
        if self._missing == 0:
            self.enough.set()


async def _everything(peer: Peer) -> list[m.Line]:
    lines: list[m.Line] = []
    more = True
    while more:
        page = await peer.history(after=lines[-1].seq if lines else 0)
        lines += page.messages
        more = page.more
    return lines


async def _post_until_killed(server: ServerProcess, authors: list[Author], seed: int) -> None:
    chance = random.Random(seed)
    answers = Answers(enough=chance.randrange(1, 400))
    peers = [await author.log_in(server) for author in authors]
    async with trio.open_nursery() as nursery:
        for author, peer in zip(authors, peers, strict=True):
            nursery.start_soon(author.post_until_cut, peer, answers)
        await answers.enough.wait()
        await trio.sleep(chance.uniform(0, 0.005))  # to any point of a batch
        server.process.send_signal(signal.SIGKILL)


async def _reconnect_all(server: ServerProcess, authors: list[Author]) -> list[m.Line]:
    """Let all authors catch up and repeat what was not answered; return all messages."""
    for author in authors:
        await author.reconnect(server)
    for author in authors:  # each missed what later authors repeated
        await author.reconnect(server)
    reader = await server.connect()
    await reader.resume(authors[0].token)
    return await _everything(reader)


def _check(authors: list[Author], lines: list[m.Line]) -> str:
    """Compare the acknowledged messages with the stored ones; return the counts."""
    accepted = {seq: text for author in authors for seq, text in author.accepted.items()}
    edits = {seq: of for author in authors for seq, of in author.edits.items()}
    found = {line.seq: line.text for line in lines if not line.change}
    duplicated = len(found) - len(set(found.values()))
    missing = [text for seq, text in accepted.items() if found.get(seq) != text]
    assert not missing
    assert not duplicated
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
    assert {line.seq: line.of for line in lines if line.change} == edits
    for author in authors:
        assert author.received == found
    return f"found {len(lines)}, duplicated {duplicated}, missing {len(missing)}"


async def test_acknowledged_messages_survive_every_kill_once_and_in_order(tmp_path: Path) -> None:
    """One folder for all rounds: the server checked after a kill is killed next."""
    data = tmp_path / "data"
    authors = [Author(f"author{number}") for number in range(_AUTHORS)]
    for seed in range(_SEED, _SEED + _ROUNDS + 1):
        async with running(data, *_WIDE) as server:
            if seed > _SEED:
                acknowledged = sum(len(author.accepted) + len(author.edits) for author in authors)
                figures = _check(authors, await _reconnect_all(server, authors))
                print(  # noqa: T201 - the counts of the round, shown by `pytest -s`
                    f"round {seed - _SEED}: acknowledged {acknowledged}, {figures}"
                )
            if seed < _SEED + _ROUNDS:
                await _post_until_killed(server, authors, seed)
