"""An unexpected error in a batch is settled: nothing is lost, repeated, or missing for a reader."""

from collections.abc import MutableMapping
from typing import Any

import pytest
import trio

from chat_server.errors import ServerFailedError
from chat_server.rooms.room import Room
from chat_server.sessions.blocks import INTERRUPTED, Block
from chat_shared import messages as m
from chat_shared.errors import Code
from support.inline_storage import InlineStorage
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage

Lines = list[MutableMapping[str, Any]]


async def test_posts_that_were_not_stored_are_refused_and_the_next_one_is_stored(
    faults: FaultyStorage, faulty_server: RunningServer, logged: Lines
) -> None:
    ada, ben = await faulty_server.log_in("Ada"), await faulty_server.log_in("Ben")
    draft = ada.draft("hello")
    with faults.unexpected_errors():
        assert await ada.code(draft) is Code.INTERNAL

    assert (await ada.grant(draft, m.Accepted)).seq == 1
    assert [event.text for event in await ben.expect_posted(1)] == ["hello"]
    (failure,) = (line for line in logged if line["log_level"] == "error")
    assert (failure["event"], failure["part"]) == ("part failed", "journal")


async def test_after_an_error_behind_the_commit_everybody_reconnects_and_misses_nothing(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada, ben = await faulty_server.log_in("Ada"), await faulty_server.log_in("Ben")
    draft = ada.draft("hello", nonce="n")
    with faults.unexpected_errors(after_commits=True):
        await ada.send(draft)
        for peer in (ada, ben):
            assert (await peer.receive_all())[-1] == m.Bye(INTERRUPTED)

    ada = await faulty_server.log_in("Ada", seen={"general": 0})
    ben = await faulty_server.log_in("Ben", seen={"general": 0})
    assert (await ada.post("hello", nonce="n")).seq == 1
    assert (await ada.post("next")).seq == 2
    for peer in (ada, ben):
        assert [event.seq for event in await peer.expect_posted(2)] == [1, 2]
        await peer.expect_nothing_more()


async def test_after_an_error_during_the_delivery_everybody_reconnects_and_misses_nothing(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Room, __: Block, ___: int) -> None:
        raise MemoryError

    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    with monkeypatch.context() as patched:
        patched.setattr(Room, "publish", fail)
        await ada.send(ada.draft("hello"))
        for peer in (ada, ben):
            assert (await peer.receive_all())[-1] == m.Bye(INTERRUPTED)

    ada, ben = await server.log_in("Ada"), await server.log_in("Ben", seen={"general": 0})
    await ada.post("next")
    assert [event.seq for event in await ben.expect_posted(2)] == [1, 2]


async def test_a_server_that_cannot_know_what_was_stored_ends(storage: InlineStorage) -> None:
    faults = FaultyStorage(storage)
    with pytest.RaisesGroup(ServerFailedError, flatten_subgroups=True):
        async with running_server(faults) as server:
            ada = await server.log_in("Ada")
            with faults.unexpected_errors(), faults.failing_reads():
                await ada.send(ada.draft("hello"))
                await trio.sleep_forever()
