"""Marks of what was read are refused if they cannot be stored, and stored at the end."""

import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from chat_server.messages.read_state import MAX_PENDING
from chat_shared import messages as m
from chat_shared.errors import Code
from support.peer import Peer
from support.running_server import RunningServer
from support.store_faults import FaultyStorage


async def _read(peer: Peer, seq: int, room: str = "general") -> None:
    await peer.grant(m.Read(room, seq, id=peer.number()), m.Ok)


async def test_a_mark_that_cannot_be_stored_is_refused_and_sent_to_nobody(
    faults: FaultyStorage, faulty_server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, phone, laptop = [await faulty_server.log_in(name) for name in ("Ada", "Ben", "Ben")]
    await ada.post("one")
    await laptop.expect_posted(1)
    with faults.full_disk():
        assert await phone.code(m.Read("general", 1, id=1)) is Code.INTERNAL

    await laptop.expect_nothing_more()
    phone = await faulty_server.connect()
    (info,) = (await phone.resume(await faulty_server.token("Ben"))).rooms
    assert (info.read_seq, info.unread, info.mentions) == (0, 1, 0)


async def test_marks_do_not_pile_up_while_the_disk_stands_still(
    faults: FaultyStorage, faulty_server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await faulty_server.log_in("Ada")
    account = faulty_server.services.registry.find(1)
    (session,) = faulty_server.services.registry
    assert account is not None
    reading, general = faulty_server.services.read_state, faulty_server.services.rooms.general
    for number in range(MAX_PENDING):
        reading.mark_read(session, 1 + number, account, general, 0)

    assert await ada.code(m.Read("general", 0, id=99)) is Code.TOO_FAST


async def test_the_last_marks_are_stored_when_the_server_closes(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    await ada.post("one")
    await ben.send(m.Read("general", 1, id=1))
    await ben.expect_posted(1)
    await trio.testing.wait_all_tasks_blocked()
    start = trio.current_time()
    server.services.close()

    assert await ben.reply_to(1) == m.Ok(re=1)
    assert trio.current_time() == start


async def test_marks_during_the_last_write_are_stored_before_the_end(
    faults: FaultyStorage, faulty_server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await faulty_server.log_in("Ada")
    for text in "one", "two":
        await ada.post(text)
    first, second = ada.number(), ada.number()
    with faults.answers_held() as gate:
        await ada.send(m.Read("general", 1, id=first))
        await gate.wait_reached()
        await ada.send(m.Read("general", 2, id=second))
        await wait_all_tasks_blocked()
        faulty_server.services.close()

    assert (await ada.expect(m.Ok)).re == first
    assert (await ada.expect(m.Ok)).re == second
    state = await faults.read(lambda store: store.account_state(1))
    assert state.read == {1: 2}
