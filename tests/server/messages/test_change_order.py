"""A change happens once, and in the order of the requests."""

import pytest

from chat_shared import messages as m
from chat_shared.errors import Code
from support.peer import Peer
from support.running_server import RunningServer
from support.store_faults import FaultyStorage


async def _line(peer: Peer, seq: int, room: str = "general") -> m.Line:
    (line,) = await peer.look_up(seq, room=room)
    return line


def _requests(of: int, room: str = "general") -> list[m.Request]:
    return [
        m.Edit(room, of, "new", "n1", id=1),
        m.Delete(room, of, "n2", id=2),
        m.React(room, of, "🍲", "n3", id=3),
    ]


@pytest.mark.parametrize("which", range(3))
async def test_a_change_repeated_with_its_nonce_is_the_same_change(
    ada: Peer, ben: Peer, which: int
) -> None:
    await ada.post("hello")
    request = _requests(1)[which]
    first, again = [await ada.grant(request, m.Accepted) for _ in range(2)]

    assert again == first
    assert first.seq == 2
    assert (await ben.post("next")).seq == 3


async def test_an_edit_after_the_deletion_restores_nothing(
    faults: FaultyStorage, faulty_server: RunningServer, ada: Peer, ben: Peer
) -> None:
    await ada.post("hello")
    with faults.commits_held() as gate:
        await ben.send(ben.draft("first"))
        await gate.wait_reached()
        await ada.send(
            m.Delete("general", 1, "n1", id=1),
            m.Edit("general", 1, "still here", "n2", id=2),
            m.React("general", 1, "🍲", "n3", id=3),
            m.Delete("general", 1, "n4", id=4),
            ada.draft("last"),
        )
        await ada.ping()

    await ada.expect_posted(3)
    accepted = [await ada.reply_to(number) for number in (1, 2, 3, 4)]
    assert [reply.seq for reply in accepted if isinstance(reply, m.Accepted)] == [3, 4, 5, 6]
    line = await _line(ada, 1)
    assert (line.text, line.deleted, line.reactions) == ("", True, ())
    edited = await ben.expect(m.Edited)
    assert (edited.of, edited.text) == (0, "")
    assert [await ben.expect(kind) for kind in (m.Deleted, m.Reacted, m.Deleted)] == [
        m.Deleted("general", 3, 1, "Ada", edited.at, "n1"),
        m.Reacted("general", 5, 0, "Ada", edited.at, "🍲", False, "n3"),
        m.Deleted("general", 6, 0, "Ada", edited.at, "n4"),
    ]
    again = await faulty_server.log_in("Cleo", seen={"general": 2})
    received = [await again.receive() for _ in range(5)]
    assert [getattr(event, "of", None) for event in received] == [1, 0, 0, 0, None]


async def test_a_batch_of_everything_keeps_the_order_of_the_requests(
    faults: FaultyStorage, ada: Peer, ben: Peer
) -> None:
    await ada.post("hello")
    requests: list[m.Request] = [
        ada.draft("two"),
        ada.draft("three"),
        m.Edit("general", 1, "hello!", "n4", id=4),
        ada.draft("five"),
        m.React("general", 1, "🍲", "n6", id=6),
        m.Edit("general", 1, "hello?", "n7", id=7),
        ada.draft("eight"),
    ]
    writes = faults.writes
    with faults.commits_held() as gate:
        await ben.send(ben.draft("first"))
        await gate.wait_reached()
        await ada.send(*requests, requests[0], requests[2])
        await ada.ping()

    received = [await ben.receive() for _ in range(3 + len(requests))]
    assert faults.writes == writes + 2
    events = [event for event in received if not isinstance(event, m.Accepted)]
    assert [getattr(event, "seq", 0) for event in events] == list(range(1, 10))
    assert [type(event) for event in events[2:]] == [
        *(m.Posted, m.Posted, m.Edited, m.Posted, m.Reacted, m.Edited, m.Posted),
    ]
    await ben.expect_nothing_more()


async def test_a_full_disk_refuses_changes_and_changes_nothing(
    faults: FaultyStorage, ada: Peer
) -> None:
    await ada.post("hello")
    with faults.full_disk():
        for request in _requests(1):
            assert await ada.code(request) is Code.INTERNAL

    assert (await ada.history()).messages == [await _line(ada, 1)]
    await ada.edit(1, "hello!")
