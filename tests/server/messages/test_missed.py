"""Pages that many sessions ask for are read once, and deleted texts are not sent from them."""

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from chat_server.messages import missed
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_TEXT
from support.peer import Peer
from support.running_server import RunningServer
from support.store_faults import FaultyStorage


async def _posted(ada: Peer, number: int) -> None:
    for at in range(1, number + 1):
        await ada.post(str(at))


async def _reads(faults: FaultyStorage, server: RunningServer, *seen: int) -> int:
    """Return how many queries it takes until new accounts have resumed, one after the other."""
    names = [f"Reader{faults.reads}x{number}" for number in range(len(seen))]
    tokens = [await server.token(name) for name in names]
    before = faults.reads
    for token, has in zip(tokens, seen, strict=True):
        peer = await server.connect()
        await peer.resume(token, {"general": has})
        await peer.ping()
    return faults.reads - before


async def test_those_who_missed_the_same_share_its_pages(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    await _posted(await faulty_server.log_in("Ada"), 120)
    none = await _reads(faults, faulty_server, *[120] * 5)

    assert await _reads(faults, faulty_server, *[7] * 5) == none + 3


async def test_those_who_missed_nearly_the_same_share_all_pages_but_the_first(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    await _posted(await faulty_server.log_in("Ada"), 120)
    none = await _reads(faults, faulty_server, *[120] * 5)

    assert await _reads(faults, faulty_server, 1, 2, 3, 4, 5) == none + 5 + 2


async def test_sessions_with_a_page_in_common_receive_all_of_it(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    await _posted(ada, 60)
    for seen in (0, 5, 5, 48, 49, 50, 51, 59):
        reader = await server.log_in(f"Reader{seen}", {"general": seen})
        received = await reader.expect_posted(60 - seen)
        assert [event.seq for event in received] == list(range(seen + 1, 61))
        await reader.expect_nothing_more()


@pytest.mark.parametrize("number", [1, 49, 50, 51])
async def test_what_is_posted_after_a_page_was_kept_is_neither_lost_nor_sent_twice(
    server: RunningServer, number: int
) -> None:
    ada = await server.log_in("Ada")
    await _posted(ada, number)
    for more in range(4):
        reader = await server.log_in(f"Reader{more}", {"general": 0})
        received = await reader.expect_posted(number + more)
        assert [event.seq for event in received] == list(range(1, number + more + 1))
        await reader.expect_nothing_more()
        await ada.post("more")


async def test_a_message_deleted_after_its_page_was_kept_is_not_sent(
    server: RunningServer,
) -> None:
    ada = await server.log_in("Ada")
    await ada.post("a secret")
    ben = await server.log_in("Ben", {"general": 0})
    assert [event.text for event in await ben.expect_posted(1)] == ["a secret"]
    await ada.delete(1)
    cleo = await server.log_in("Cleo", {"general": 0})

    assert [event.text for event in await cleo.expect_posted(1)] == [""]
    assert (await cleo.expect(m.Deleted)).of == 1


async def test_a_message_edited_after_its_page_was_kept_is_sent_as_it_is(
    server: RunningServer,
) -> None:
    ada = await server.log_in("Ada")
    await ada.post("before")
    await (await server.log_in("Ben", {"general": 0})).expect_posted(1)
    await ada.edit(1, "after")
    cleo = await server.log_in("Cleo", {"general": 0})

    assert [event.text for event in await cleo.expect_posted(1)] == ["after"]
    assert (await cleo.expect(m.Edited)).text == "after"


async def test_a_page_that_was_read_before_a_deletion_is_not_kept_beyond_it(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada = await faulty_server.log_in("Ada")
    await _posted(ada, 60)  # the first page is full, and the same for all
    ben = await faulty_server.connect()
    token = await faulty_server.token("Ben")
    await faulty_server.token("Cleo")
    with faults.queries_held() as gate:
        await ben.send(m.Resume(token, {"general": 0}, id=1))
        for _ in ("the account", "what is unread"):
            await gate.wait_reached()
            gate.open_once()
        await gate.wait_reached()  # the page has been read
        gate.let_others_pass()
        await ada.delete(1)
    await ben.expect_posted(60)
    cleo = await faulty_server.log_in("Cleo", {"general": 0})

    assert (await cleo.expect(m.Posted)).text == ""


async def test_a_page_is_kept_for_a_moment_only(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await server.log_in("Ada")
    await _posted(ada, 60)
    await (await server.log_in("Ben", {"general": 0})).expect_posted(60)
    await server.storage.write(lambda store: store.remove_old_messages(1, 2**60, 10))
    await trio.sleep(missed._KEPT + 0.1)
    cleo = await server.log_in("Cleo", {"general": 0})

    assert await cleo.receive() == m.Gap("general", after=0, before=11)


async def test_few_pages_are_kept_and_no_long_ones(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    await _posted(ada, missed._MOST_KEPT + 10)
    pages, general = server.services.catch_up.missed, server.services.rooms.general
    for seen in range(general.last_seq):
        await pages.after(general, seen, compared=False)
    assert len(pages._kept) == missed._MOST_KEPT

    pages._kept.clear()
    for _ in range(missed._PAGE + 10):
        await ada.post("x" * MAX_TEXT)
    await pages.after(general, missed._PAGE, compared=False)
    assert not pages._kept


async def test_who_was_removed_from_the_room_receives_no_page_of_it_that_is_kept(
    server: RunningServer,
) -> None:
    ada = await server.log_in("Ada")
    password = await ada.create("Kitchen")
    ben = await server.log_in("Ben")
    await ben.join("kitchen", password)
    await ada.post("for members", "kitchen")
    phone = await server.log_in("Ben", {"kitchen": 0})
    assert [event.text for event in await phone.expect_posted(1)] == ["for members"]
    await ben.exit("kitchen")
    tablet = await server.log_in("Ben", {"kitchen": 0})

    await tablet.expect_nothing_more()
    assert await tablet.code(m.Post("kitchen", "x", "n", id=99)) is Code.NOT_A_MEMBER
    await wait_all_tasks_blocked()
