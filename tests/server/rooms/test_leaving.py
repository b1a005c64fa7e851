"""Leaving a direct message: messages before are received, and messages after it cause a rejoin."""

import pytest
from trio.testing import wait_all_tasks_blocked

from chat_server.rooms import direct
from chat_shared import messages as m
from support.peer import Peer
from support.running_server import RunningServer
from support.store_faults import FaultyStorage

ROOM = "@1-2"  # of the first two accounts


async def _pair(server: RunningServer) -> tuple[Peer, Peer]:
    """Return Ada and Ben, who have a direct message, with nothing left to receive."""
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    await ada.grant(m.Direct("Ben", id=ada.number()), m.Joined)
    for peer in ada, ben:
        await peer.ping()
        peer.unread.clear()
    return ada, ben


async def _wait_begun(peer: Peer, *requests: m.Request) -> None:
    await peer.send(*requests)
    await wait_all_tasks_blocked()


async def test_a_pending_message_is_received_before_the_participant_leaves(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada, ben = await _pair(faulty_server)
    with faults.commits_held():
        await _wait_begun(ada, ada.draft("Wait!", ROOM))
        await _wait_begun(ben, m.Exit(ROOM, id=1))
    assert isinstance(await ben.reply_to(1), m.Ok)

    assert [type(event) for event in ben.unread] == [m.Posted, m.Left]


async def test_a_message_posted_during_the_leaving_makes_the_participant_rejoin(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada, ben = await _pair(faulty_server)
    with faults.commits_held():
        await _wait_begun(ada, ada.draft("Wait!", ROOM))
        await _wait_begun(ben, m.Exit(ROOM, id=1))
        await _wait_begun(ada, ada.draft("Are you there?", ROOM))
    received = [await ben.receive() for _ in range(5)]

    assert [type(one) for one in received if not isinstance(one, m.Ok)] == [
        *(m.Posted, m.Left, m.Entered, m.Posted)
    ]
    assert (await ben.join(ROOM)).last_seq == 2


async def test_a_participant_whose_leaving_is_cancelled_stays(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada, ben = await _pair(faulty_server)
    with faults.commits_held():
        await _wait_begun(ada, ada.draft("Wait!", ROOM))
        await _wait_begun(ben, m.Exit(ROOM, id=1))
        faulty_server.services.registry.disconnect_account(2, "cut off")
        await wait_all_tasks_blocked()
    await ada.post("Still there?", ROOM)
    ben = await faulty_server.connect()

    assert (await ben.resume(await faulty_server.token("Ben"))).rooms[1].last_seq == 2
    assert not any(isinstance(event, m.Entered | m.Left) for event in ada.unread)


async def test_a_participant_whose_leaving_cannot_be_stored_stays_and_receives_on(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada, ben = await _pair(faulty_server)
    with faults.full_disk():
        assert isinstance(await ben.ask(m.Exit(ROOM, id=1)), m.Error)
    await ada.post("Still there?", ROOM)

    await ben.expect_posted(1)
    await ben.expect_nothing_more()  # nobody rejoined who had not left


async def test_a_pending_message_keeps_a_direct_message_from_being_left_as_surplus(
    faults: FaultyStorage, faulty_server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct, "MAX_DIRECT", 2)
    ada, ben, cleo, dag = [await faulty_server.log_in(n) for n in ("Ada", "Ben", "Cleo", "Dag")]
    for peer in ben, cleo:
        await peer.grant(m.Direct("Ada", id=1), m.Joined)
    with faults.queries_held() as gate:
        await _wait_begun(dag, m.Direct("Ada", id=1))
        gate.open_once()  # Ada's account; and then which of her rooms are too many
        await wait_all_tasks_blocked()
        with faults.commits_held():
            await _wait_begun(ben, ben.draft("Hello!", ROOM))
            gate.open_once()
            await wait_all_tasks_blocked()
    assert isinstance(await dag.reply_to(1), m.Joined)

    assert (await ada.expect(m.Left)).room == "@1-3"
    assert [event.text for event in await ada.expect_posted(1)] == ["Hello!"]
