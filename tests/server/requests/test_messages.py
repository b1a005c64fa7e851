"""A repeated request that was accepted is accepted again, whatever has changed since."""

from collections.abc import AsyncGenerator

import pytest
from trio.testing import wait_all_tasks_blocked

from chat_server.config import Config
from chat_server.store.api import Sanction
from chat_shared import messages as m
from chat_shared.errors import Code
from support.inline_storage import InlineStorage
from support.kitchen import kitchen, kitchen_of
from support.peer import Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage

# The owner's actions on Ben after his messages were stored, and the code for his new ones.
_SINCE: dict[str, tuple[list[m.Request], Code]] = {
    "muted": ([m.Mute("kitchen", "Ben", id=1)], Code.MUTED),
    "kicked": ([m.Kick("kitchen", "Ben", id=1)], Code.NOT_A_MEMBER),
    "banned": ([m.Ban("kitchen", "Ben", id=1)], Code.NOT_A_MEMBER),
    "muted and kicked": (
        [m.Mute("kitchen", "Ben", id=1), m.Kick("kitchen", "Ben", id=2)],
        Code.NOT_A_MEMBER,
    ),
    "without the room": ([m.DeleteRoom("kitchen", id=1)], Code.NOT_A_MEMBER),
}


def _permanent_mute() -> Sanction:
    """Return a mute of Ben in the kitchen, which has just begun."""
    return Sanction(2, 2, 0, "")


def _four(room: str = "kitchen") -> list[m.Request]:
    """Return one request of each kind that has a nonce, about Ben's first message or a new one."""
    return [
        m.Post(room, "soup", "n1", id=1),
        m.React(room, 1, "🍲", "n2", id=2),
        m.Edit(room, 1, "bread", "n3", id=3),
        m.Delete(room, 1, "n4", id=4),
    ]


def _anew(room: str = "kitchen") -> list[m.Request]:
    return [m.Post(room, "x", "new", id=1), *_changes_anew(room)]


def _changes_anew(room: str) -> list[m.Request]:
    return [m.Edit(room, 1, "x", "newer", id=2), m.React(room, 1, "x", "newest", id=3)]


async def _granted(peer: Peer, requests: list[m.Request]) -> list[m.Accepted]:
    return [await peer.grant(request, m.Accepted) for request in requests]


@pytest.fixture
async def strict_server(storage: InlineStorage) -> AsyncGenerator[RunningServer]:
    async with running_server(storage, Config()) as server:
        yield server


@pytest.mark.parametrize("since", _SINCE)
async def test_a_stored_request_gets_its_reply_again_and_a_new_one_is_refused(
    server: RunningServer, since: str
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await ben.post("hello", "kitchen")
    first = await _granted(ben, _four())
    actions, code = _SINCE[since]
    for action in actions:
        await ada.grant(action, m.Ok)

    assert await _granted(ben, _four()) == first
    assert [await ben.code(request) for request in _anew()] == [code] * 3
    assert [request.seq for request in first] == [2, 3, 4, 5]


async def test_that_holds_over_another_connection_and_after_a_restart(
    storage: InlineStorage,
) -> None:
    async with running_server(storage) as server:
        _, (ada, ben) = await kitchen(server, "Ben")
        await ben.post("hello", "kitchen")
        first = await _granted(ben, _four())
        await ada.grant(m.Ban("kitchen", "Ben", id=1), m.Ok)
        assert await _granted(await server.log_in("Ben"), _four()) == first
    async with running_server(storage) as server:
        ben = await server.log_in("Ben")
        assert await _granted(ben, _four()) == first
        assert await ben.code(m.Post("kitchen", "x", "new", id=1)) is Code.NOT_A_MEMBER


async def test_a_block_does_not_change_the_reply_either(server: RunningServer) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    room = (await ada.grant(m.Direct("Ben", id=1), m.Joined)).room
    await ben.post("hello", room)
    first = await _granted(ben, _four(room)[:3])
    await ada.grant(m.Block("Ben", id=1), m.Ok)

    assert await _granted(ben, _four(room)[:3]) == first
    assert [await ben.code(request) for request in _anew(room)] == [Code.FORBIDDEN] * 3


async def test_a_deletion_by_a_former_owner_stays_accepted(server: RunningServer) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await ben.post("hello", "kitchen")
    await ben.post("soup", "kitchen")
    delete = m.Delete("kitchen", 1, "n", id=1)
    first = await ada.grant(delete, m.Accepted)
    await ada.grant(m.HandOver("kitchen", "Ben", id=2), m.Ok)

    assert await ada.grant(delete, m.Accepted) == first
    assert await ada.code(m.Delete("kitchen", 2, "other", id=1)) is Code.FORBIDDEN


async def test_a_pending_request_is_waited_for(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    """In the batch that is being written, and in the next one."""
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    laptop = await faulty_server.log_in("Ben")
    with faults.commits_held() as gate:
        await ben.send(m.Post("kitchen", "one", "n1", id=1))
        await gate.wait_reached()
        await ben.send(m.Post("kitchen", "two", "n2", id=2))
        await wait_all_tasks_blocked()
        kitchen_of(faulty_server).mutes[2] = _permanent_mute()
        await laptop.send(m.Post("kitchen", "one", "n1", id=1))
        await laptop.send(m.Post("kitchen", "two", "n2", id=2))
        await laptop.send(m.Post("kitchen", "three", "n3", id=3))
        await wait_all_tasks_blocked()
        gate.open_once()
        await wait_all_tasks_blocked()

    replies = [await laptop.reply_to(number) for number in (1, 2, 3)]
    assert [getattr(reply, "seq", None) for reply in replies] == [1, 2, None]
    assert replies[:2] == [await ben.reply_to(number) for number in (1, 2)]
    assert [posted.text for posted in await ada.expect_posted(2)] == ["one", "two"]


async def test_a_request_that_could_not_be_stored_is_refused_like_a_new_one(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    post = m.Post("kitchen", "one", "n1", id=1)
    with faults.full_disk():
        assert await ben.code(post) is Code.INTERNAL
    await ada.grant(m.Mute("kitchen", "Ben", id=1), m.Ok)
    assert await ben.code(post) is Code.MUTED
    with faults.failing_reads():
        assert await ben.code(post) is Code.INTERNAL  # nobody knows
    assert await ben.code(post) is Code.MUTED


async def test_the_nonce_of_another_account_grants_nothing(server: RunningServer) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await ada.post("a secret", "kitchen", "n1")
    await ada.grant(m.Kick("kitchen", "Ben", id=1), m.Ok)

    for request in _four():
        assert await ben.code(request) is Code.NOT_A_MEMBER


async def test_repeating_a_request_is_as_fast_as_posting(strict_server: RunningServer) -> None:
    _, (ada, ben) = await kitchen(strict_server, "Ben")
    await ada.grant(m.Kick("kitchen", "Ben", id=1), m.Ok)
    post = m.Post("kitchen", "one", "n1", id=1)

    codes = [await ben.code(post) for _ in range(11)]
    assert codes == [Code.NOT_A_MEMBER] * 10 + [Code.TOO_FAST]


async def test_a_session_that_closes_while_it_waits_is_closed(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    laptop = await faulty_server.log_in("Ben")
    with faults.commits_held() as gate:
        await ben.send(m.Post("kitchen", "one", "n1", id=1))
        await gate.wait_reached()
        kitchen_of(faulty_server).mutes[2] = _permanent_mute()
        await laptop.send(m.Post("kitchen", "one", "n1", id=1))
        await wait_all_tasks_blocked()
        await laptop.aclose()
        await wait_all_tasks_blocked()

    assert [posted.text for posted in await ada.expect_posted(1)] == ["one"]
    await ben.expect_posted(1)
