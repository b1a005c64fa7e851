"""A round serves all who asked in time, and nothing happens where nobody does."""

import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from chat_server.batches import Batches

PAUSE = 5.0


class Work:
    """Notes when it was done; takes `seconds` each time."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.seconds = 0.0
        self.rounds = Batches(self._do, PAUSE)

    async def _do(self) -> None:
        self.times.append(trio.current_time())
        await trio.sleep(self.seconds)


async def test_all_who_ask_within_a_pause_are_served_by_one_round(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    work = Work()
    nursery.start_soon(work.rounds.run)
    await trio.sleep(100)
    for _ in range(4):
        work.rounds.request()
        await trio.sleep(1)
    await trio.sleep(100)

    assert work.times == [100 + PAUSE]


async def test_whoever_asks_while_the_work_is_done_gets_another_round(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    work = Work()
    work.seconds = 2.0
    nursery.start_soon(work.rounds.run)
    work.rounds.request()
    await trio.sleep(PAUSE + 1)
    work.rounds.request()
    await trio.sleep(100)

    assert work.times == [PAUSE, PAUSE + 2 + PAUSE]


async def test_the_last_round_is_not_waited_for(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    work = Work()
    nursery.start_soon(work.rounds.run)
    work.rounds.request()
    await wait_all_tasks_blocked()
    work.rounds.close()
    await trio.sleep(100)

    assert work.times == [0]


async def test_closed_before_anybody_asked_it_ends(autojump_clock: MockClock) -> None:
    work = Work()
    work.rounds.close()
    await work.rounds.run()
    assert trio.current_time() == 0
