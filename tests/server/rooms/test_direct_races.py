"""Two things done to one direct message at once: memory and disk agree in the end.

Each test holds the first in the moment in which it is on disk and memory does not know yet.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from trio.testing import wait_all_tasks_blocked

from chat_server.rooms import direct
from chat_shared import messages as m
from chat_shared.errors import Code
from support.peer import PASSWORD, Peer
from support.running_server import RunningServer
from support.store_faults import FaultyStorage

ROOM = "@1-2"  # of Ada and Ben


@asynccontextmanager
async def stored_only(
    faults: FaultyStorage, peer: Peer, request: m.Request
) -> AsyncGenerator[None]:
    """Hold `request` during the block where its first write is done, and no other request."""
    with faults.answers_held() as gate:
        await peer.send(request)
        await gate.wait_reached()
        gate.let_others_pass()
        yield
        await wait_all_tasks_blocked()


async def reason(peer: Peer, request: m.Request) -> str:
    """Return the sentence that refuses `request`, which is forbidden."""
    refusal = await peer.refusal(request)
    assert refusal.code == Code.FORBIDDEN
    return refusal.message


async def test_a_direct_message_created_during_the_block_is_blocked(
    faults: FaultyStorage, faulty_server: RunningServer, ada: Peer, ben: Peer
) -> None:
    async with stored_only(faults, ben, m.Direct("Ada", id=1)):
        await ada.send(m.Block("Ben", id=1))

    assert isinstance(await ben.reply_to(1), m.Joined)
    assert isinstance(await ada.reply_to(1), m.Ok)
    assert await reason(ben, ben.draft("Psst!", ROOM)) == "You can't message Ada."


async def test_a_direct_message_created_during_the_deletion_of_its_other_account_is_closed(
    faults: FaultyStorage, faulty_server: RunningServer, ada: Peer
) -> None:
    ben = await faulty_server.connect()
    await ben.register("Ben")
    async with stored_only(faults, ada, m.Direct("Ben", id=1)):
        await ben.send(m.DeleteAccount(PASSWORD, id=1))

    assert isinstance(await ada.reply_to(1), m.Joined)
    await ben.receive_all()
    assert await reason(ada, ada.draft("Psst!", ROOM)) == (
        "The account Ben was deleted. You can no longer message them."
    )


@pytest.mark.parametrize(("first", "second"), [(m.Block, m.Unblock), (m.Unblock, m.Block)])
async def test_of_a_block_and_its_end_at_once_the_last_one_counts(
    faults: FaultyStorage,
    faulty_server: RunningServer,
    ada: Peer,
    ben: Peer,
    first: type[m.Block | m.Unblock],
    second: type[m.Block | m.Unblock],
) -> None:
    await ada.grant(m.Direct("Ben", id=1), m.Joined)
    laptop = await faulty_server.log_in("Ada")
    if first is m.Unblock:
        await ada.grant(m.Block("Ben", id=2), m.Ok)
    async with stored_only(faults, ada, first("Ben", id=3)):
        await laptop.send(second("Ben", id=3))
    for device in (ada, laptop):
        assert isinstance(await device.reply_to(3), m.Ok)

    blocked = (await ada.grant(m.Blocked(id=4), m.BlockedList)).names
    assert blocked == (["Ben"] if second is m.Block else [])
    reply = await ben.ask(ben.draft("soup?", ROOM))
    assert isinstance(reply, m.Error) is (second is m.Block)


async def test_a_post_while_the_other_one_leaves_for_lack_of_space_brings_them_back(
    faults: FaultyStorage,
    faulty_server: RunningServer,
    ada: Peer,
    ben: Peer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(direct, "MAX_DIRECT", 1)
    cleo = await faulty_server.log_in("Cleo")
    await ben.grant(m.Direct("Ada", id=1), m.Joined)
    with faults.answers_held() as gate:
        await cleo.send(m.Direct("Ada", id=1))
        await gate.wait_reached()  # the new room
        gate.open_once()
        await gate.wait_reached()  # and now Ada has left the old one, on disk
        gate.let_others_pass()
        post = ben.draft("soup?", ROOM)
        await ben.send(post)
        await wait_all_tasks_blocked()

    assert isinstance(await ben.reply_to(post.id), m.Accepted)
    assert (await ada.expect(m.Left)).room == ROOM
    assert [posted.text for posted in await ada.expect_posted(1)] == ["soup?"]
    assert (await ada.join(ROOM)).last_seq == 1


async def test_an_absent_participant_who_blocks_while_a_post_brings_them_back_receives_nothing(
    faults: FaultyStorage, ada: Peer, ben: Peer
) -> None:
    await ada.grant(m.Direct("Ben", id=1), m.Joined)
    await ben.exit(ROOM)
    post = ada.draft("Psst!", ROOM)
    async with stored_only(faults, ada, post):
        await ben.send(m.Block("Ada", id=1))
        await ben.reply_to(1)

    refusal = await ada.reply_to(post.id)
    assert isinstance(refusal, m.Error)
    assert refusal.message == "You can't message Ben."
    await ben.ping()
    assert m.Posted not in [type(event) for event in ben.unread]


async def test_of_too_many_direct_messages_none_is_left_in_which_something_was_just_posted(
    faults: FaultyStorage,
    faulty_server: RunningServer,
    ada: Peer,
    ben: Peer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(direct, "MAX_DIRECT", 2)
    cleo, dag = await faulty_server.log_in("Cleo"), await faulty_server.log_in("Dag")
    rooms = [(await peer.grant(m.Direct("Ada", id=1), m.Joined)).room for peer in (ben, cleo)]
    with faults.queries_held() as gate:
        await dag.send(m.Direct("Ada", id=1))
        await gate.wait_reached()  # Ada's account
        gate.open_once()
        await gate.wait_reached()  # which of her rooms she misses least: the first
        await ben.post("soup?", rooms[0])
    assert isinstance(await dag.reply_to(1), m.Joined)

    assert (await ada.expect(m.Left)).room == rooms[1]
    await ada.ping()
    assert m.Left not in [type(event) for event in ada.unread]
    ada.unread.clear()
    await ben.post("again", rooms[0])
    assert isinstance(await ada.receive(), m.Posted)
