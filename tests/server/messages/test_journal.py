"""The journal stores each message before it is sent to anyone, once and in one order."""

import ast
from collections import Counter
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

import chat_server
from chat_shared import messages as m
from chat_shared.errors import Code
from support.clock import Clock
from support.inline_storage import InlineStorage
from support.peer import Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage

# --- the disk first


async def test_nobody_receives_a_message_before_it_is_on_disk(
    faults: FaultyStorage, ada: Peer, ben: Peer
) -> None:
    with faults.commits_held() as gate:
        await ada.send(ada.draft("hello"))
        await gate.wait_reached()
        for peer in (ada, ben):
            await peer.expect_nothing_more()
        assert await faults.texts() == []

    assert (await ada.expect(m.Accepted)).seq == 1
    for peer in (ada, ben):
        assert [event.text for event in await peer.expect_posted(1)] == ["hello"]


async def test_a_message_on_disk_is_published_only_after_the_commit_has_returned(
    faults: FaultyStorage, ada: Peer, ben: Peer
) -> None:
    with faults.answers_held() as gate:
        await ada.send(ada.draft("hello"))
        await gate.wait_reached()
        for peer in (ada, ben):
            await peer.expect_nothing_more()
        assert await faults.texts() == ["hello"]

    await ada.expect(m.Accepted)
    await ben.expect_posted(1)


async def test_an_author_who_has_disconnected_is_still_published(
    faults: FaultyStorage, ada: Peer, ben: Peer
) -> None:
    with faults.commits_held() as gate:
        await ada.send(ada.draft("my last words"))
        await gate.wait_reached()
        await ada.aclose()
        await ben.ping()

    assert (await ben.expect_posted(1))[0].text == "my last words"


async def test_a_full_disk_refuses_posts_and_nothing_else_and_recovers(
    faults: FaultyStorage, ada: Peer, ben: Peer
) -> None:
    await ada.post("before")
    await ben.expect_posted(1)
    draft = ada.draft("meanwhile")
    with faults.full_disk():
        assert await ada.code(draft) is Code.INTERNAL
        await ben.expect_nothing_more()
        assert [line.text for line in (await ben.history()).messages] == ["before"]

    again = await ada.grant(draft, m.Accepted)
    assert again.seq == 2
    assert [event.seq for event in await ben.expect_posted(1)] == [2]


async def test_only_the_journal_appends() -> None:
    package = Path(chat_server.__file__).parent
    callers = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr == "append"
        and isinstance(node.value, ast.Name)
        and node.value.id == "store"
    }

    assert callers == {"messages/journal.py"}


# --- once


async def test_the_same_nonce_again_gets_the_same_number_and_no_second_message(
    ada: Peer, ben: Peer
) -> None:
    first = await ada.post("hello", nonce="n")
    again = await ada.post("hello", nonce="n")

    assert (again.seq, again.at) == (first.seq, first.at)
    await ben.expect_posted(1)
    await ben.expect_nothing_more()


async def test_the_same_nonce_twice_in_one_batch_is_one_message(
    faults: FaultyStorage, faulty_server: RunningServer, ada: Peer, ben: Peer
) -> None:
    with faults.commits_held() as gate:
        await ada.send(ada.draft("first"))
        await gate.wait_reached()
        await ada.send(*[ada.draft("hello", nonce="n") for _ in range(3)], ada.draft("last"))
        await ada.ping()

    accepted = [await ada.expect(m.Accepted) for _ in range(5)]
    assert faulty_server.services.journal.figures.batches == 2  # of one, and of four
    assert [reply.seq for reply in accepted] == [1, 2, 2, 2, 3]
    assert [event.text for event in await ben.expect_posted(3)] == ["first", "hello", "last"]
    await ben.expect_nothing_more()


async def test_a_nonce_repeated_by_another_device_is_one_message(
    faulty_server: RunningServer, ada: Peer, ben: Peer
) -> None:
    laptop = await faulty_server.log_in("Ada")
    async with trio.open_nursery() as nursery:
        for device in (ada, laptop):
            nursery.start_soon(device.post, "hello", "general", "n")

    await ben.expect_posted(1)
    await ben.expect_nothing_more()


async def test_a_nonce_used_in_another_room_is_answered_with_that_room(
    faulty_server: RunningServer, ada: Peer
) -> None:
    await ada.create("Kitchen")
    await ada.post("hello", "kitchen", "n")
    again = await ada.post("hello", "general", "n")

    assert (again.room, again.seq) == ("Kitchen", 1)


async def test_a_nonce_of_another_account_is_another_message(ada: Peer, ben: Peer) -> None:
    assert (await ada.post("hello", nonce="n")).seq == 1
    assert (await ben.post("hello", nonce="n")).seq == 2


# --- in one order


async def test_numbers_have_no_gaps_and_are_the_same_for_all(faulty_server: RunningServer) -> None:
    peers = [await faulty_server.log_in(f"name{number}") for number in range(5)]

    async def talk(peer: Peer) -> None:
        for number in range(20):
            await peer.post(f"{number}")

    async with trio.open_nursery() as nursery:
        for peer in peers:
            nursery.start_soon(talk, peer)

    received = [await peer.expect_posted(100) for peer in peers]
    assert [event.seq for event in received[0]] == list(range(1, 101))
    assert all(others == received[0] for others in received)


async def test_every_room_counts_for_itself_in_one_batch(faults: FaultyStorage, ada: Peer) -> None:
    await ada.create("Kitchen")
    with faults.commits_held() as gate:
        await ada.send(ada.draft("0"))
        await gate.wait_reached()
        for number in range(1, 7):
            await ada.send(ada.draft(str(number), "kitchen" if number % 2 else "general"))
        await ada.ping()

    received = Counter((event.room, event.seq) for event in await ada.expect_posted(7))
    assert received == Counter(
        [*(("general", seq) for seq in (1, 2, 3, 4)), *(("Kitchen", seq) for seq in (1, 2, 3))]
    )


async def test_on_a_disk_without_space_deletions_go_on_and_posts_are_refused(
    faults: FaultyStorage, ada: Peer, ben: Peer
) -> None:
    await ada.post("secret")
    first, last = ada.draft("more"), ada.draft("and more")
    deletion = m.Delete("general", 1, "n", id=ada.number())
    with faults.nearly_full_disk():
        await ada.send(first, deletion, last)
        refused = [await ada.reply_to(post.id) for post in (first, last)]
        accepted = await ada.reply_to(deletion.id)

    assert [type(reply) for reply in refused] == [m.Error, m.Error]
    assert isinstance(accepted, m.Accepted)
    assert (await ben.expect(m.Deleted)).of == 1
    messages = await faults.read(lambda store: store.messages_after(1, 0, 9))
    assert [message.text for message in messages] == ["", ""]
    assert (await ada.post("again")).seq == 3


# --- the end


@pytest.mark.parametrize("posts", [1, 3])
async def test_a_journal_closed_during_a_commit_stores_what_is_pending_and_ends(
    faults: FaultyStorage, faulty_server: RunningServer, ada: Peer, posts: int
) -> None:
    drafts = [ada.draft(str(number)) for number in range(posts)]
    with faults.commits_held() as gate:
        await ada.send(*drafts)
        await gate.wait_reached()
        faulty_server.services.close()

    assert [type(await ada.reply_to(draft.id)) for draft in drafts] == [m.Accepted] * posts
    await wait_all_tasks_blocked()
    assert not any("Services.run" in task.name for task in faulty_server.nursery.child_tasks)


# --- the clock


async def test_times_go_on_from_the_newest_message_when_the_clock_is_set_back(
    storage: InlineStorage, logged: list[MutableMapping[str, Any]]
) -> None:
    clock = Clock()
    async with running_server(storage, now=clock) as server:
        ada = await server.log_in("Ada")
        first = await ada.post("one")
        clock.pass_by(-400 * 86_400)
        again = [await ada.post("two"), await ada.post("three")]

    assert {accepted.at for accepted in again} == {first.at}
    assert [line["log_level"] for line in logged if "clock" in line] == ["warning"]
