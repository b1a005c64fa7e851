"""An account finds its mentions across its rooms; nobody else does."""

import pytest

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_HITS, MAX_TEXT
from support.peer import Peer
from support.running_server import RunningServer


async def _found(peer: Peer, before: int = 0, limit: int = MAX_HITS) -> m.Found:
    return await peer.grant(m.Mentions(before, limit, id=peer.number()), m.Found)


async def test_mentions_are_found_in_all_rooms_newest_first(server: RunningServer) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    password = await ada.create("Kitchen")
    await ben.join("Kitchen", password)
    await ada.post("@ben one")
    await ada.post("nobody")
    accepted = await ada.post("two, @Ben!", "Kitchen")
    await ben.post("@ben myself")
    found = await _found(ben)

    assert [(hit.room, hit.seq, hit.text) for hit in found.hits] == [
        ("Kitchen", 1, "two, @Ben!"),
        ("general", 1, "@ben one"),
    ]
    assert (found.hits[0].author, found.hits[0].at, found.hits[0].marks) == ("Ada", accepted.at, [])
    assert not found.more
    assert (await _found(ada)).hits == []


async def test_mentions_are_paged_by_the_id_of_the_last(server: RunningServer) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    for number in range(5):
        await ada.post(f"@ben {number}")
    first = await _found(ben, limit=2)
    second = await _found(ben, first.hits[-1].id, limit=3)

    assert [hit.text for hit in first.hits + second.hits] == [f"@ben {n}" for n in (4, 3, 2, 1, 0)]
    assert (first.more, second.more) == (True, False)


async def test_a_page_of_the_longest_fits_a_frame(server: RunningServer) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    text = "@ben " + "🍲" * (MAX_TEXT - 5)
    for _ in range(4):
        await ada.post(text)
    seqs: list[int] = []
    found = await _found(ben)
    while found.more:
        seqs += [hit.seq for hit in found.hits]
        found = await _found(ben, found.hits[-1].id)
    seqs += [hit.seq for hit in found.hits]

    assert seqs == [4, 3, 2, 1]


async def test_mentions_in_a_room_that_was_left_are_not_found(server: RunningServer) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    password = await ada.create("Kitchen")
    await ben.join("Kitchen", password)
    await ada.post("@ben", "Kitchen")
    await ben.exit("Kitchen")

    assert (await _found(ben)).hits == []


@pytest.mark.parametrize("limit", [0, MAX_HITS + 1])
async def test_an_invalid_limit_is_refused(server: RunningServer, limit: int) -> None:
    ada = await server.log_in("Ada")

    assert await ada.code(m.Mentions(0, limit, id=1)) is Code.BAD_REQUEST
