"""The journal commits in bounded batches, and a flood leaves others their turns.

Where writes are counted, time stands still: nothing else that is due in a moment is written.
"""

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from chat_server.messages.journal import BATCH_CHARACTERS, BATCH_POSTS
from chat_shared import messages as m
from chat_shared.limits import MAX_TEXT
from support.peer import Peer
from support.running_server import RunningServer
from support.store_faults import FaultyStorage

ADA = 1  # the first account


async def test_posts_that_arrive_while_the_disk_works_are_the_next_batch(
    faults: FaultyStorage, ada: Peer, mock_clock: MockClock
) -> None:
    before = faults.writes
    with faults.commits_held() as gate:
        await ada.send(ada.draft("first"))
        await gate.wait_reached()
        await ada.send(*[ada.draft("x") for _ in range(200)])
        await ada.ping()

    await ada.expect_posted(201)
    assert faults.writes == before + 2


@pytest.mark.parametrize(
    ("posts", "text", "rounds"),
    [
        (BATCH_POSTS, "x", 1),
        (BATCH_POSTS + 1, "x", 2),
        (BATCH_CHARACTERS // MAX_TEXT + 1, "x" * MAX_TEXT, 1),
        (BATCH_CHARACTERS // MAX_TEXT + 2, "x" * MAX_TEXT, 2),
    ],
)
async def test_a_batch_is_bounded(
    faults: FaultyStorage, ada: Peer, mock_clock: MockClock, posts: int, text: str, rounds: int
) -> None:
    before = faults.writes
    with faults.commits_held() as gate:
        await ada.send(ada.draft("first"))
        await gate.wait_reached()
        await ada.send(*[ada.draft(text) for _ in range(posts)])
        await wait_all_tasks_blocked()

    await ada.expect_posted(1 + posts)
    assert faults.writes == before + 1 + rounds


async def test_when_too_many_are_pending_posts_wait_and_nothing_else_does(
    faults: FaultyStorage, ada: Peer, ben: Peer
) -> None:
    with faults.commits_held() as gate:
        await ada.send(ada.draft("first"))
        await gate.wait_reached()
        drafts = [ada.draft("x") for _ in range(BATCH_POSTS + 1)]
        await ada.send(*drafts, m.Ping(id=ada.number()))
        await wait_all_tasks_blocked()
        await ben.ping()  # while nothing is sent to Ada, who has filled the journal

    accepted = [await ada.expect(m.Accepted) for _ in range(1 + len(drafts))]
    assert [reply.seq for reply in accepted] == list(range(1, len(drafts) + 2))
    await ada.expect(m.Pong)


async def test_a_waiting_post_whose_session_ends_is_not_posted(
    faults: FaultyStorage, faulty_server: RunningServer, ada: Peer, ben: Peer
) -> None:
    with faults.commits_held() as gate:
        await ada.send(ada.draft("first"))
        await gate.wait_reached()
        await ada.send(*[ada.draft("x") for _ in range(BATCH_POSTS + 1)])
        await wait_all_tasks_blocked()
        faulty_server.services.registry.disconnect_all("everybody out")
        await wait_all_tasks_blocked()

    while faulty_server.services.rooms.general.last_seq <= BATCH_POSTS:
        await trio.lowlevel.checkpoint()
    await wait_all_tasks_blocked()
    assert len(await faults.texts()) == 1 + BATCH_POSTS


@pytest.mark.parametrize("text", ["x", "x" * MAX_TEXT])
async def test_a_flood_in_one_room_is_at_most_a_batch_ahead_of_another_rooms_messages(
    faults: FaultyStorage,
    faulty_server: RunningServer,
    ada: Peer,
    ben: Peer,
    mock_clock: MockClock,
    text: str,
) -> None:
    await ben.create("Kitchen")
    floods = [ada, *[await faulty_server.log_in("Ada") for _ in range(2)]]
    with faults.commits_held() as gate:
        await ada.send(ada.draft("first"))
        await gate.wait_reached()
        for device in floods:
            await device.send(*[device.draft(text) for _ in range(3 * BATCH_POSTS)])
        await wait_all_tasks_blocked()
        await ben.send(ben.draft("Dinner!", "Kitchen"))
        await wait_all_tasks_blocked()
        before = faults.writes
        for _ in range(2):  # the batch that is being written, and the pending one
            gate.open_once()
            await gate.wait_reached()
            await wait_all_tasks_blocked()
        gate.open_once()

        await ben.expect(m.Accepted)
        assert faults.writes <= before + 3


async def test_a_flood_leaves_the_others_their_turns(
    faulty_server: RunningServer, ben: Peer
) -> None:
    ada = await faulty_server.log_in("Ada")
    flood = 4 * BATCH_POSTS
    await ada.send(*[ada.draft("x") for _ in range(flood)])
    await ben.ping()

    assert faulty_server.services.rooms.general.last_seq < flood / 4


async def test_pending_posts_are_finished_when_it_closes(
    faults: FaultyStorage, faulty_server: RunningServer, ada: Peer
) -> None:
    with faults.commits_held() as gate:
        await ada.send(ada.draft("first"))
        await gate.wait_reached()
        await ada.send(ada.draft("second"))
        await ada.ping()
        faulty_server.services.journal.close()

    assert [event.text for event in await ada.expect_posted(2)] == ["first", "second"]


async def test_a_waiter_for_commits_wakes_up_once_for_each_batch(
    faulty_server: RunningServer, ada: Peer
) -> None:
    journal = faulty_server.services.journal
    for _ in range(2):
        await ada.post("hello")
        await journal.wait_committed()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(journal.wait_committed)
        await wait_all_tasks_blocked()
        assert nursery.child_tasks, "it woke up without a commit"
        nursery.cancel_scope.cancel()


async def test_who_waits_for_a_room_waits_for_the_next_batch_too(
    faults: FaultyStorage, faulty_server: RunningServer, ada: Peer
) -> None:
    general = faulty_server.services.rooms.general
    published: list[int] = []

    async def wait() -> None:
        await faulty_server.services.journal.wait_published(general)
        published.append(general.last_seq)

    async with trio.open_nursery() as nursery:
        with faults.commits_held() as gate:
            await ada.send(ada.draft("first"))
            await gate.wait_reached()
            await ada.send(ada.draft("second"))
            await ada.ping()
            nursery.start_soon(wait)
            await wait_all_tasks_blocked()

    assert published == [2]


async def test_a_receipt_is_awaited_until_the_next_batch_is_stored(
    faults: FaultyStorage, faulty_server: RunningServer, ada: Peer
) -> None:
    second = ada.draft("second")
    found: list[int] = []

    async def find() -> None:
        receipt = await faulty_server.services.journal.find_receipt(ADA, second.nonce)
        found.append(receipt.seq if receipt else 0)

    async with trio.open_nursery() as nursery:
        with faults.commits_held() as gate:
            await ada.send(ada.draft("first"))
            await gate.wait_reached()
            await ada.send(second)
            await ada.ping()
            nursery.start_soon(find)
            await wait_all_tasks_blocked()
        with faults.commits_held() as gate:  # now the second batch
            await gate.wait_reached()
            await wait_all_tasks_blocked()
            assert found == []

    assert found == [2]
