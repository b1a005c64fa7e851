"""A batch serves all who requested it in time, and nothing happens without a request."""

import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from chat_server.tasks.batches import Batches

PAUSE = 5.0


class Work:
    """Records when it was done; takes `seconds` each time."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.seconds = 0.0
        self.rounds = Batches(self._do, PAUSE)

    async def _do(self) -> None:
        self.times.append(trio.current_time())
        await trio.sleep(self.seconds)


async def test_all_requests_within_a_pause_are_served_by_one_batch(
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


async def test_a_request_during_the_work_gets_another_batch(
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


async def test_the_last_batch_does_not_wait(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    work = Work()
    nursery.start_soon(work.rounds.run)
    work.rounds.request()
    await wait_all_tasks_blocked()
    work.rounds.close()
    await trio.sleep(100)

    assert work.times == [0]


async def test_requests_during_the_last_work_are_served_before_the_end(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    work = Work()
    work.seconds = 2.0
    nursery.start_soon(work.rounds.run)
    work.rounds.request()
    await trio.sleep(PAUSE + 1)
    work.rounds.request()
    work.rounds.close()
    await trio.sleep(1.5)
    work.rounds.request()
    await trio.sleep(100)

    assert work.times == [PAUSE, PAUSE + 2, PAUSE + 4]


async def test_closed_before_any_request_it_ends(autojump_clock: MockClock) -> None:
    work = Work()
    work.rounds.close()
    await work.rounds.run()
    assert trio.current_time() == 0
