"""One who holds messages that the store has lost is told, and receives what there is instead."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from chat_server.rooms.room import Room
from chat_server.store.api import GENERAL_ROOM
from chat_shared import messages as m
from chat_shared.limits import MAX_GAP
from support.clock import Clock
from support.engines import ENGINES, Engine
from support.peer import Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage

LOST = "2026-11-22T09:30:00.000Z"  # the time of a message that no server here has


async def post(peer: Peer, *texts: str, room: str = "general") -> list[m.Posted]:
    """Post all of `texts` at once; return them as they come back."""
    for text in texts:
        await peer.send(peer.draft(text, room))
    return await peer.expect_posted(len(texts))


def numbered(number: int) -> list[str]:
    return [f"line {seq}" for seq in range(1, number + 1)]


async def resumed(server: RunningServer, seq: int, at: str) -> tuple[Peer, m.Restored]:
    """Return Ben, who resumes with message `seq` of this time, and what `welcome` says of general.

    In the form in which he is told if that message was lost.
    """
    ben, token = await server.connect(), await server.token("Ben")
    info = (await ben.resume(token, {"general": seq}, {"general": at})).rooms[0]
    return ben, m.Restored(info.room, info.last_seq, info.read_seq, info.unread, info.mentions)


# --- on every engine


@asynccontextmanager
async def history(
    engine: Engine, folder: Path, clock: Clock, *texts: str
) -> AsyncGenerator[tuple[RunningServer, list[m.Posted]]]:
    """Yield a server whose new store has `texts`, one a second, and these as they were posted."""
    with engine.storage(folder) as open_storage:
        async with open_storage() as storage, running_server(storage, now=clock) as server:
            ada = await server.log_in("Ada")
            messages = []
            for text in texts:
                clock.pass_by(1)
                messages += await post(ada, text)
            yield server, messages


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
@pytest.mark.parametrize("since", [["other 4", "other 5"], ["other 4", "other 5", "new"]], ids=len)
async def test_in_an_older_copy_other_messages_have_the_numbers_of_those_that_were_lost(
    engine: Engine, tmp_path: Path, since: list[str]
) -> None:
    async with history(engine, tmp_path, Clock(), "1", "2", "3", "lost 4", "lost 5") as (_, lost):
        pass
    clock = Clock()
    async with history(engine, tmp_path, clock, "1", "2", "3") as (server, kept):
        assert [message.at for message in kept] == [message.at for message in lost[:3]]
        ben, _ = await resumed(server, 3, lost[2].at)
        await ben.expect_nothing_more()

        clock.pass_by(3600)
        ada = await server.log_in("Ada")
        await post(ada, *since)
        await ben.expect_posted(len(since))
        ben, restored = await resumed(server, 5, lost[4].at)

        assert await ben.receive() == restored
        assert (restored.last_seq, restored.unread) == (3 + len(since), len(since))
        await post(ada, "live")
        assert [message.text for message in await ben.expect_posted(1)] == ["live"]
        await ben.expect_nothing_more()


# --- what is compared


async def test_the_newest_message_is_compared_with_that_of_the_room_without_a_query(
    faulty_server: RunningServer, faults: FaultyStorage
) -> None:
    ada = await faulty_server.log_in("Ada")
    *_, last = await post(ada, *numbered(5))
    await resumed(faulty_server, 5, "")  # loads the account
    reads = [faults.reads]
    for at in ("", last.at, LOST):
        await resumed(faulty_server, 5, at)
        reads.append(faults.reads)

    plain, same, lost = (after - before for before, after in pairwise(reads))
    assert plain == same == lost


async def test_one_who_missed_something_costs_no_query_more(
    faulty_server: RunningServer, faults: FaultyStorage
) -> None:
    ada = await faulty_server.log_in("Ada")
    messages = await post(ada, *numbered(20))
    await resumed(faulty_server, 20, "")
    reads = [faults.reads]
    for at in ("", messages[9].at):
        ben, _ = await resumed(faulty_server, 10, at)
        assert [message.seq for message in await ben.expect_posted(10)] == [*range(11, 21)]
        await ben.expect_nothing_more()
        reads.append(faults.reads)

    plain, compared = (after - before for before, after in pairwise(reads))
    assert plain == compared


@pytest.mark.parametrize("seq", [5, 3, 1])
async def test_a_message_of_another_time_starts_the_room_over_as_welcome_says(
    server: RunningServer, seq: int
) -> None:
    ada = await server.log_in("Ada")
    await server.token("Ben")
    await post(ada, *numbered(4), "@Ben look")
    ben, restored = await resumed(server, seq, LOST)

    assert await ben.receive() == restored
    assert restored == m.Restored("general", 5, read_seq=0, unread=5, mentions=1)
    await post(ada, "live")
    assert [message.seq for message in await ben.expect_posted(1)] == [6]
    await ben.expect_nothing_more()


@pytest.mark.parametrize("change", ["edit", "delete", "react"])
async def test_a_change_has_its_own_time_like_a_message(server: RunningServer, change: str) -> None:
    ada = await server.log_in("Ada")
    await ada.post("soup")
    match change:
        case "edit":
            at = (await ada.edit(1, "stew")).at
        case "delete":
            at = (await ada.delete(1)).at
        case _:
            at = (await ada.react(1, "👍")).at
    ben, _ = await resumed(server, 2, at)
    await ben.expect_nothing_more()
    ben, restored = await resumed(server, 2, LOST)
    assert await ben.receive() == restored
    await ben.expect_nothing_more()


async def test_far_behind_one_message_is_compared_before_the_gap(
    faulty_server: RunningServer, faults: FaultyStorage
) -> None:
    ada = await faulty_server.log_in("Ada")
    messages = await post(ada, *numbered(MAX_GAP + 10))
    await resumed(faulty_server, 5, "")
    reads = [faults.reads]
    for at in ("", messages[4].at, LOST):
        ben, restored = await resumed(faulty_server, 5, at)
        gap = m.Gap("general", 5, MAX_GAP + 11)
        assert await ben.receive() == (restored if at == LOST else gap)
        await ben.expect_nothing_more()
        reads.append(faults.reads)

    plain, same, lost = (after - before for before, after in pairwise(reads))
    assert (same, lost) == (plain + 1, plain)  # the message is kept for a moment, as pages are


async def test_what_is_posted_while_the_lost_message_is_looked_for_follows(
    faulty_server: RunningServer, faults: FaultyStorage
) -> None:
    ada = await faulty_server.log_in("Ada")
    await post(ada, *numbered(5))
    ben = await faulty_server.connect()
    token = await faulty_server.token("Ben")
    with faults.queries_held() as gate:
        await ben.send(m.Resume(token, {"general": 3}, at={"general": LOST}, id=1))
        for number in range(4):  # the account, its rooms, what is unread, and what it missed
            await gate.wait_reached()
            await post(ada, f"meanwhile {number}")
            gate.open_once()
    welcome = await ben.expect(m.Welcome)
    restored = await ben.expect(m.Restored)

    assert restored.last_seq == welcome.rooms[0].last_seq == 8
    assert [message.text for message in await ben.expect_posted(1)] == ["meanwhile 3"]
    await ben.expect_nothing_more()


# --- what is not


async def test_of_a_message_that_was_removed_nothing_is_known(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    await post(ada, *numbered(6))
    await server.storage.write(lambda store: store.remove_old_messages(GENERAL_ROOM, 2**60, 4))
    ben, _ = await resumed(server, 3, LOST)

    assert await ben.receive() == m.Gap("general", 3, 5)
    assert [message.seq for message in await ben.expect_posted(2)] == [5, 6]
    await ben.expect_nothing_more()


async def test_of_a_last_message_that_was_removed_before_its_time_was_kept_nothing_is_known(
    server: RunningServer,
) -> None:
    ada = await server.log_in("Ada")
    await post(ada, *numbered(3))
    (record,) = await server.storage.read(lambda store: store.rooms())
    older = Room(replace(record, last_at=0))  # as in a database that an older server wrote
    server.services.rooms.general.last_at = older.last_at
    ben, _ = await resumed(server, 3, LOST)

    await ben.expect_nothing_more()


async def test_the_newest_message_keeps_its_time_when_it_is_removed(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    *_, last = await post(ada, *numbered(3))
    await server.storage.write(lambda store: store.remove_old_messages(GENERAL_ROOM, 2**60, 9))
    ben, _ = await resumed(server, 3, last.at)

    await ben.expect_nothing_more()


async def test_only_rooms_with_a_time_are_compared_and_each_by_its_own(
    server: RunningServer,
) -> None:
    ada = await server.log_in("Ada")
    at: dict[str, str] = {}
    for name in ("Kitchen", "cellar", "attic"):
        await ada.create(name)
        (message,) = await post(ada, "hello", room=name)
        at[name] = message.at
    (message,) = await post(ada, "hello")
    names = ("general", *at)
    lost = {"Kitchen": at["Kitchen"], "cellar": LOST, "nowhere": LOST}
    ada = await server.log_in("Ada", dict.fromkeys(names, 1), at=lost)

    assert await ada.receive() == m.Restored("cellar", 1, read_seq=0)
    await ada.expect_nothing_more()


async def test_a_number_beyond_the_room_is_told_by_welcome_alone(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    await post(ada, *numbered(2))
    ben, _ = await resumed(server, 5, LOST)

    await ben.expect_nothing_more()


async def test_a_client_that_names_no_times_is_told_nothing(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    await post(ada, *numbered(3))
    for seq, missed in ((3, 0), (1, 2)):
        ben, token = await server.connect(), await server.token("Ben")
        seen = f'{{"general":{seq}}}'
        frame = f'{{"type":"resume","id":1,"token":"{token}","seen":{seen}}}\n'
        await ben.stream.send_all(frame.encode())
        await ben.expect(m.Welcome)
        assert len(await ben.expect_posted(missed)) == missed
        await ben.expect_nothing_more()
