"""Accounts take turns to search, and none has more of the one thread than its share."""

from collections.abc import AsyncGenerator

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from chat_server.messages.search import Search
from chat_server.store.search_index.index import Index
from chat_server.store.search_index.query import QUICK, Findings, Query, SlowSearchError
from chat_server.tasks.fair_queue import FairQueue
from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.limits import IDLE_DEADLINE
from support.peer import Peer
from support.running_server import RunningServer


class SlowIndex(Index):
    """Finds nothing, and takes as many seconds for it as the words say, on two threads."""

    def __init__(self) -> None:
        self.slowly: list[str] = []  # the searches that were slow
        self._quick, self._slow = trio.Lock(), trio.Lock()

    async def find(self, query: Query) -> Findings:
        seconds = float(query.words.split()[0])
        async with self._quick if query.quick else self._slow:
            if not query.quick:
                self.slowly.append(query.words)
            await trio.sleep(min(seconds, QUICK) if query.quick else seconds)
            if query.quick and seconds > QUICK:
                raise SlowSearchError
            return Findings([], more=False)


@pytest.fixture
async def index(server: RunningServer) -> AsyncGenerator[SlowIndex]:
    index = server.services.search._index = SlowIndex()
    yield index
    server.services.search._index = None


@pytest.fixture
def search(server: RunningServer, index: SlowIndex) -> Search:
    return server.services.search


async def _ask(peer: Peer, words: str) -> int:
    """Send a search; return its number."""
    number = peer.number()
    await peer.send(m.Search(words, id=number))
    await wait_all_tasks_blocked()
    return number


async def test_a_quick_search_waits_for_no_slow_one(
    server: RunningServer, index: SlowIndex, autojump_clock: MockClock
) -> None:
    eve, ada = await server.log_in("Eve"), await server.log_in("Ada")
    await _ask(eve, "0.9 by Eve")
    await trio.sleep(2 * QUICK)
    start = trio.current_time()
    await ada.grant(m.Search("0.01 by Ada", id=1), m.Found)

    assert trio.current_time() - start == pytest.approx(0.01)
    assert index.slowly == ["0.9 by Eve"]


async def test_an_account_waits_for_one_search_of_another_on_any_number_of_devices(
    server: RunningServer, index: SlowIndex, autojump_clock: MockClock
) -> None:
    devices = [await server.log_in("Eve") for _ in range(20)]
    ada = await server.log_in("Ada")
    for number, device in enumerate(devices):
        await _ask(device, f"0.5 by Eve {number}")
    start = trio.current_time()
    await ada.grant(m.Search("0.01 by Ada", id=1), m.Found)
    assert trio.current_time() - start <= 2 * QUICK + 0.01
    start = trio.current_time()
    await ada.grant(m.Search("0.4 by Ada", id=2), m.Found)

    assert trio.current_time() - start <= 2 * QUICK + QUICK + 2 * 0.5 + 0.4


async def test_an_account_whose_searches_are_slow_keeps_no_quick_ones_waiting(
    search: Search, index: SlowIndex, autojump_clock: MockClock
) -> None:
    await search.find(m.Search("1.2", id=1), [1], by=1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(search.find, m.Search("0.5", id=1), [1], 1)
        await wait_all_tasks_blocked()
        start = trio.current_time()
        await search.find(m.Search("0", id=1), [1], by=2)
        assert trio.current_time() == start

    assert index.slowly == ["1.2", "0.5"]


async def test_an_account_that_searches_more_than_a_person_keeps_no_quick_ones_waiting(
    search: Search, index: SlowIndex, autojump_clock: MockClock
) -> None:
    for _ in range(6):
        await search.find(m.Search("0.045", id=1), [1], by=1)
    assert index.slowly == ["0.045"]

    await trio.sleep(1)
    await search.find(m.Search("0.044", id=1), [1], by=1)
    assert index.slowly == ["0.045"]


async def test_of_many_slow_searches_of_an_account_a_few_are_tried_as_quick_ones(
    server: RunningServer, index: SlowIndex, autojump_clock: MockClock
) -> None:
    devices = [await server.log_in("Eve") for _ in range(20)]
    ada = await server.log_in("Ada")
    for number, device in enumerate(devices):
        await _ask(device, f"0.5 by Eve {number}")
    await trio.sleep(5.5 * QUICK)
    start = trio.current_time()
    await ada.grant(m.Search("0.01 by Ada", id=1), m.Found)

    assert trio.current_time() - start == pytest.approx(0.01)


async def test_an_account_that_searched_for_long_must_wait_and_others_need_not(
    search: Search, index: SlowIndex, autojump_clock: MockClock
) -> None:
    request, other = m.Search("1.0", id=1), m.Search("0", id=1)
    for _ in range(3):
        await search.find(request, [1], by=1)
    with pytest.raises(Refused, match="Your last searches took too long") as caught:
        await search.find(other, [1], by=1)

    assert caught.value.code is Code.TOO_FAST
    await search.find(other, [1], by=2)
    await trio.sleep(caught.value.retry_after or 0)
    await search.find(other, [1], by=1)


async def test_usual_searches_are_not_limited(
    search: Search, index: SlowIndex, autojump_clock: MockClock
) -> None:
    for _ in range(100):
        await search.find(m.Search("0.005", id=1), [1], by=1)


async def test_when_too_many_wait_the_account_with_the_most_is_refused(
    server: RunningServer,
    search: Search,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "_quick_turns", FairQueue(slots=1, most=3))
    devices = [await server.log_in("Eve") for _ in range(5)]
    ada = await server.log_in("Ada")
    numbers = [await _ask(device, "0.5") for device in devices]
    await ada.grant(m.Search("0", id=1), m.Found)
    replies = [await d.reply_to(n) for d, n in zip(devices, numbers, strict=True)]

    refused = [reply for reply in replies if isinstance(reply, m.Error)]
    assert [(reply.code, reply.retry_after) for reply in refused] == [(Code.TOO_FAST, 2.0)] * 2


async def test_a_session_that_waits_for_the_server_is_not_idle(
    server: RunningServer, index: SlowIndex, autojump_clock: MockClock
) -> None:
    ada = await server.log_in("Ada")
    await ada.grant(m.Search(f"{2 * IDLE_DEADLINE}", id=1), m.Found)

    start = trio.current_time()
    assert await ada.receive_all() == [m.Bye("nothing received for 90 seconds")]
    assert trio.current_time() - start == IDLE_DEADLINE
