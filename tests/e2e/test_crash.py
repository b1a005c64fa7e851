"""A server that is killed while eight people talk and edit has lost nothing that it acknowledged.

`CRASH_ROUNDS` sets how often it is killed, `CRASH_SEED` the moments at which.
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

# Wide limits: only the disk is to slow anybody down.
_WIDE = [
    part
    for name in ("posts", "posts-per-second", "requests", "requests-per-second")
    for part in (f"--limits.{name}", "1000000")
]


@dataclass
class Author:
    """Somebody who posts as fast as they are answered, and notes what they were told."""

    name: str
    token: str = ""
    accepted: dict[int, str] = field(default_factory=dict)  # number to text
    edits: dict[int, int] = field(default_factory=dict)  # number to that of what was edited
    heard: dict[int, str] = field(default_factory=dict)  # number to text
    last_heard: int = 0
    unanswered: m.Post | m.Edit | None = None
    _numbers: "count[int]" = field(default_factory=count)

    async def come_in(self, server: ServerProcess) -> Peer:
        peer = await server.connect()
        if self.token:
            await peer.resume(self.token, {"general": self.last_heard})
        else:
            self.token = (await peer.register(self.name)).token
        return peer

    async def talk(self, peer: Peer, answered: "Answers") -> None:
        """Post until the line breaks."""
        try:
            while True:
                self.unanswered = self._think(peer)
                await peer.send(self.unanswered)
                while not await self._note(await peer.receive()):
                    pass
                answered.add()
        except Left:
            pass

    async def come_back(self, server: ServerProcess) -> None:
        """Hear what was missed, and say again what was not answered."""
        peer = await self.come_in(server)
        if self.unanswered is not None:
            await self._note(await peer.grant(self.unanswered, m.Accepted))
        await peer.ping()
        for message in peer.unread:
            await self._note(message)
        await peer.aclose()

    def _think(self, peer: Peer) -> m.Post | m.Edit:
        """Return what to say next; every fourth is another text for what was said last."""
        number = next(self._numbers)
        text, nonce = f"{self.name} {number}", f"{self.name}-{number:08}"
        if number % 4 == 3:
            return m.Edit("general", max(self.accepted), text, nonce, id=peer.number())
        return peer.draft(text, nonce=nonce)

    async def _note(self, message: m.Message) -> bool:
        """Take in `message`; say whether it was the answer that was waited for."""
        if isinstance(message, m.Posted | m.Edited):
            assert message.seq == self.last_heard + 1
            self.last_heard = message.seq
            self.heard[getattr(message, "of", message.seq)] = message.text
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
    """Counts answers, and says when there were enough."""

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


async def _talk_until_killed(server: ServerProcess, authors: list[Author], seed: int) -> None:
    fate = random.Random(seed)
    answers = Answers(enough=fate.randrange(1, 400))
    peers = [await author.come_in(server) for author in authors]
    async with trio.open_nursery() as nursery:
        for author, peer in zip(authors, peers, strict=True):
            nursery.start_soon(author.talk, peer, answers)
        await answers.enough.wait()
        await trio.sleep(fate.uniform(0, 0.005))  # to any point of a round
        server.process.send_signal(signal.SIGKILL)


async def _come_back(server: ServerProcess, authors: list[Author]) -> list[m.Line]:
    """Let everybody hear what they missed and say again what was not answered; return it all."""
    for author in authors:
        await author.come_back(server)
    for author in authors:  # what the others said again they have missed
        await author.come_back(server)
    reader = await server.connect()
    await reader.resume(authors[0].token)
    return await _everything(reader)


def _check(authors: list[Author], lines: list[m.Line]) -> str:
    """Compare what was acknowledged with what there is; return the figures."""
    accepted = {seq: text for author in authors for seq, text in author.accepted.items()}
    edits = {seq: of for author in authors for seq, of in author.edits.items()}
    found = {line.seq: line.text for line in lines if not line.change}
    doubled = len(found) - len(set(found.values()))
    missing = [text for seq, text in accepted.items() if found.get(seq) != text]
    assert not missing
    assert not doubled
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
    assert {line.seq: line.of for line in lines if line.change} == edits
    for author in authors:
        assert author.heard == found
    return f"found {len(lines)}, doubled {doubled}, missing {len(missing)}"


async def test_acknowledged_messages_survive_every_kill_once_and_in_order(tmp_path: Path) -> None:
    """One folder for all rounds: the server that is looked into after a kill is killed next."""
    data = tmp_path / "data"
    authors = [Author(f"author{number}") for number in range(_AUTHORS)]
    for seed in range(_SEED, _SEED + _ROUNDS + 1):
        async with running(data, *_WIDE) as server:
            if seed > _SEED:
                acknowledged = sum(len(author.accepted) + len(author.edits) for author in authors)
                figures = _check(authors, await _come_back(server, authors))
                print(  # noqa: T201 - the figures of the round, shown by `pytest -s`
                    f"round {seed - _SEED}: acknowledged {acknowledged}, {figures}"
                )
            if seed < _SEED + _ROUNDS:
                await _talk_until_killed(server, authors, seed)
