"""A direct message stays readable when a participant's account is deleted."""

import pytest
from trio.testing import wait_all_tasks_blocked

from chat_shared import messages as m
from chat_shared.errors import Code
from support.inline_storage import InlineStorage
from support.peer import PASSWORD, Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage

ROOM = "@1-2"  # of the first two accounts


async def _direct(peer: Peer, name: str) -> m.Joined:
    return await peer.grant(m.Direct(name, id=peer.number()), m.Joined)


_DELETED = "The account Ben was deleted. You can no longer message them."


async def _without_ben(server: RunningServer, *, exited: bool) -> Peer:
    """Return Ada, left alone in the direct message in which Ben posted "Goodbye!"."""
    ada, ben = await server.log_in("Ada"), await server.connect()
    await ben.register("Ben")
    await _direct(ada, "Ben")
    await ben.join(ROOM)
    await ben.post("Goodbye!", ROOM)
    await ada.post("And you?", ROOM)
    if exited:
        await ben.exit(ROOM)
    await ben.ask(m.DeleteAccount(PASSWORD, id=5))
    await ada.ping()
    ada.unread.clear()
    return ada


async def _finds_ben_deleted(ada: Peer) -> None:
    requests: list[m.Request] = [
        ada.draft("Ben?", ROOM),
        m.Edit(ROOM, 2, "Ben!", "n1", id=ada.number()),
        m.React(ROOM, 1, "🍲", "n2", id=ada.number()),
        m.Typing(ROOM, id=ada.number()),
    ]
    for request in requests:
        refusal = await ada.refusal(request)
        assert (refusal.code, refusal.message) == (Code.FORBIDDEN, _DELETED)
    for by_name in m.Direct("ben", id=ada.number()), m.Block("ben", id=ada.number()):
        refusal = await ada.refusal(by_name)
        assert (refusal.code, refusal.message) == (Code.UNKNOWN_ACCOUNT, _DELETED)
    await ada.expect_nothing_more()


@pytest.mark.parametrize("exited", [False, True])
async def test_a_deleted_participant_gets_nothing_new_and_the_room_can_be_read_cleaned_and_left(
    server: RunningServer, *, exited: bool
) -> None:
    ada = await _without_ben(server, exited=exited)
    await _finds_ben_deleted(ada)

    assert (await ada.join(ROOM)).peer == "Ben"
    assert [line.text for line in (await ada.history(ROOM)).messages] == ["Goodbye!", "And you?"]
    await ada.delete(2, ROOM)
    await ada.exit(ROOM)
    assert await ada.code(m.Direct("Ben", id=1)) is Code.UNKNOWN_ACCOUNT


async def test_that_holds_after_a_restart_too(storage: InlineStorage) -> None:
    async with running_server(storage) as server:
        await _without_ben(server, exited=False)
    async with running_server(storage) as server:
        await _finds_ben_deleted(await server.log_in("Ada"))


async def test_nobody_else_takes_the_deleted_name_or_the_messages_sent_to_it(
    server: RunningServer,
) -> None:
    ada = await _without_ben(server, exited=False)
    other = await server.connect()
    for name in "Ben", "BEN", "ｂｅｎ":
        assert await other.code(m.Register(name, PASSWORD, id=other.number())) is Code.NAME_TAKEN
    await other.register("Ben2")

    assert await other.code(m.Join(ROOM, "", id=1)) is Code.WRONG_ROOM_OR_PASSWORD
    assert await other.code(m.History(ROOM, id=1)) is Code.NOT_A_MEMBER
    joined = await _direct(ada, "Ben2")
    assert joined.room != ROOM
    assert (await other.history(joined.room)).messages == []


async def test_an_account_deleted_while_its_direct_message_is_created_is_marked_as_deleted(
    storage: InlineStorage, faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada = await faulty_server.log_in("Ada")
    await faulty_server.token("Ben")
    with faults.answers_held():
        await ada.send(m.Direct("Ben", id=1))
        await wait_all_tasks_blocked()
        await storage.write(lambda store: store.remove_account(2, 1))
        faulty_server.nursery.start_soon(faulty_server.services.direct_messages.mark_deleted, 2)
        await wait_all_tasks_blocked()
    assert isinstance(await ada.reply_to(1), m.Joined)

    refusal = await ada.refusal(ada.draft("Ben?", ROOM))
    assert (refusal.code, refusal.message) == (Code.FORBIDDEN, _DELETED)
