"""A server killed while eight people post, edit and delete loses nothing that it acknowledged.

`CRASH_ROUNDS` sets how often it is killed, `CRASH_SEED` the moments.
"""

import os
import random
import signal
from pathlib import Path

import trio

from support.authors import WIDE, Author, check, reconnect_all
from support.server_process import ServerProcess, running

_ROUNDS = int(os.environ.get("CRASH_ROUNDS", "3"))
_SEED = int(os.environ.get("CRASH_SEED", "1"))

_AUTHORS = 8


class Answers:
    """Counts answers, and sets an event after enough of them."""

    def __init__(self, enough: int) -> None:
        self._missing = enough
        self.enough = trio.Event()

    def add(self) -> bool:
        self._missing -= 1
        if self._missing == 0:
            self.enough.set()
        return True


async def _post_until_killed(server: ServerProcess, authors: list[Author], seed: int) -> None:
    chance = random.Random(seed)
    answers = Answers(enough=chance.randrange(1, 400))
    peers = [await author.log_in(server.connect) for author in authors]
    async with trio.open_nursery() as nursery:
        for author, peer in zip(authors, peers, strict=True):
            nursery.start_soon(author.post_until_cut, peer, answers.add)
        await answers.enough.wait()
        await trio.sleep(chance.uniform(0, 0.005))  # to any point of a batch
        server.process.send_signal(signal.SIGKILL)


async def test_acknowledged_messages_survive_every_kill_once_and_in_order(tmp_path: Path) -> None:
    """One folder for all rounds: the server checked after a kill is killed next."""
    data = tmp_path / "data"
    authors = [Author(f"author{number}") for number in range(_AUTHORS)]
    for seed in range(_SEED, _SEED + _ROUNDS + 1):
        async with running(data, *WIDE) as server:
            if seed > _SEED:
                acknowledged = sum(author.acknowledged for author in authors)
                figures = check(authors, await reconnect_all(server.connect, authors))
                print(  # noqa: T201 - the counts of the round, shown by `pytest -s`
                    f"round {seed - _SEED}: acknowledged {acknowledged}, {figures}"
                )
            if seed < _SEED + _ROUNDS:
                await _post_until_killed(server, authors, seed)
