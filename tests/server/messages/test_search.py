"""People find what was said in the rooms they are in, a moment later, and nothing else."""

from collections.abc import AsyncGenerator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from chat_server import clock
from chat_server.messages import search as searching
from chat_server.messages.journal import Journal
from chat_server.messages.retention import Retention
from chat_server.store.api import GENERAL_ROOM, Draft
from chat_server.store.search_index import query as store_search
from chat_server.store.threads import Storage
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_FRAME, MAX_HITS, MAX_TEXT, MAX_WORDS
from support.peer import Peer
from support.running_server import RunningServer, running_server


@pytest.fixture
async def disk_server(disk_storage: Storage) -> AsyncGenerator[RunningServer]:
    async with running_server(disk_storage) as server:
        yield server


@pytest.fixture
async def server(disk_server: RunningServer, tmp_path: Path) -> AsyncGenerator[RunningServer]:
    """A house whose index is brought up to date when a test says so."""
    async with disk_server.services.search.opened(tmp_path / "search.db", tmp_path / "chat.db"):
        yield disk_server


@pytest.fixture
async def ada(server: RunningServer) -> Peer:
    return await server.enter("Ada")


async def _find(peer: Peer, words: str, **filters: Any) -> m.Found:
    return await peer.grant(m.Search(words, id=peer.number(), **filters), m.Found)


async def _texts(peer: Peer, words: str, **filters: Any) -> list[str]:
    return [hit.text for hit in (await _find(peer, words, **filters)).hits]


def _files_with(folder: Path, word: bytes) -> list[str]:
    return [file.name for file in folder.iterdir() if word in file.read_bytes()]


# --- what is found


async def test_a_message_is_found_with_its_place_and_what_to_mark(
    server: RunningServer, ada: Peer
) -> None:
    await ada.create("Kitchen")
    accepted = await ada.post("Is there any Soup?", "kitchen")
    await server.services.search.catch_up()

    found = await _find(ada, "soup")
    assert found.hits == [
        m.Hit(1, "Kitchen", 1, "Ada", "Is there any Soup?", accepted.at, [(13, 17)])
    ]
    assert not found.more


async def test_rooms_authors_and_times_narrow_it_down(server: RunningServer, ada: Peer) -> None:
    ben = await server.enter("Ben")
    await ada.create("kitchen")
    await ada.post("soup one")
    await ben.post("soup two")
    await ada.post("soup three", "kitchen")
    await server.services.search.catch_up()

    assert await _texts(ada, "soup") == ["soup three", "soup two", "soup one"]
    assert await _texts(ada, "soup", room="General") == ["soup two", "soup one"]
    assert await _texts(ada, "soup", author="BEN") == ["soup two"]
    assert await _texts(ada, "soup", author="nobody") == []
    assert await _texts(ada, "", author="Ben") == ["soup two"]
    assert await _texts(ada, "soup", until="2020-01-01T00:00:00.000Z") == []
    assert len(await _texts(ada, "soup", until="2999-01-01T00:00:00.000Z")) == 3


async def test_edits_and_deletions_are_found_as_what_they_made(
    server: RunningServer, ada: Peer
) -> None:
    await ada.post("soop")
    await ada.post("a secret")
    await server.services.search.catch_up()
    await ada.edit(1, "soup")
    await ada.delete(2)
    at_once = await _texts(ada, "soop") + await _texts(ada, "secret")
    await server.services.search.catch_up()

    assert at_once == []
    assert await _texts(ada, "soup") == ["soup"]
    assert await _texts(ada, "") == ["soup"]


async def test_hits_come_in_pages(server: RunningServer, ada: Peer) -> None:
    for number in range(5):
        await ada.post(f"soup {number}")
    await server.services.search.catch_up()

    first = await _find(ada, "soup", limit=3)
    second = await _find(ada, "soup", limit=3, before=first.hits[-1].id)
    assert [[hit.seq for hit in page.hits] for page in (first, second)] == [[5, 4, 3], [2, 1]]
    assert (first.more, second.more) == (True, False)
    assert not (await _find(ada, "soup", limit=5)).more


async def test_a_page_of_the_longest_messages_fits_a_frame(
    server: RunningServer, ada: Peer
) -> None:
    texts = ["soup " + "🍲" * (MAX_TEXT - 5), "soup " * (MAX_TEXT // 5), "soup"]
    for text in texts * 2:
        await ada.post(text)
    await server.services.search.catch_up()

    seen: list[str] = []
    found, before = m.Found([], True, re=1), 0
    while found.more:
        found = await _find(ada, "soup", before=before)
        assert found.hits
        assert len(m.encode(found)) <= MAX_FRAME
        seen += [hit.text for hit in found.hits]
        before = found.hits[-1].id
    assert seen == list(reversed(texts * 2))


async def test_a_page_has_at_most_so_many_hits(server: RunningServer, ada: Peer) -> None:
    drafts = [Draft(GENERAL_ROOM, 1, "soup", f"{number}") for number in range(MAX_HITS + 1)]
    await server.storage.write(lambda store: store.append(drafts, 5))
    await server.services.search.catch_up()

    found = await _find(ada, "soup")
    assert (len(found.hits), found.more) == (MAX_HITS, True)


# --- by whom


async def test_only_the_rooms_one_is_in_now_are_searched(server: RunningServer, ada: Peer) -> None:
    ben = await server.enter("Ben")
    password = await ada.create("kitchen")
    await ada.post("soup", "kitchen")
    await server.services.search.catch_up()

    assert await _texts(ben, "soup") == []
    assert await ben.code(m.Search("soup", "kitchen", id=1)) is Code.NOT_A_MEMBER
    await ben.join("kitchen", password)
    assert await _texts(ben, "soup") == ["soup"]
    await ben.exit("kitchen")
    assert await _texts(ben, "soup") == []
    assert await ben.code(m.Search("soup", "kitchen", id=2)) is Code.NOT_A_MEMBER
    assert await _texts(ada, "soup") == ["soup"]


async def test_whoever_is_put_out_during_a_search_hears_nothing_of_the_room(
    server: RunningServer, ada: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ada.create("kitchen")
    await ada.post("soup", "kitchen")
    await server.services.search.catch_up()
    (account,) = server.services.registry.accounts
    find = server.services.search.find

    async def find_and_put_out(request: m.Search, rooms: set[int]) -> object:
        found = await find(request, rooms)
        account.rooms.discard(2)
        return found

    monkeypatch.setattr(
        type(server.services.search), "find", lambda _, *args: find_and_put_out(*args)
    )

    assert await _find(ada, "soup") == m.Found([], False, re=ada.number() - 1)


async def test_a_room_that_was_deleted_is_not_found(server: RunningServer, ada: Peer) -> None:
    await ada.create("kitchen")
    await ada.post("soup", "kitchen")
    await server.services.search.catch_up()
    room = server.services.rooms.find("kitchen")
    assert room is not None
    await server.services.rooms.remove(room)

    assert await _texts(ada, "soup") == []


# --- what may be asked


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (m.Search("x" * (MAX_WORDS + 1), id=1), Code.TOO_LONG),
        (m.Search("x", until="yesterday", id=1), Code.BAD_REQUEST),
        (m.Search("x", until="2026-11-22T09:30:00", id=1), Code.BAD_REQUEST),
        (m.Search("x", until="2026-13-22T09:30:00Z", id=1), Code.BAD_REQUEST),
        (m.Search("x", "nowhere", id=1), Code.NOT_A_MEMBER),
    ],
)
async def test_what_cannot_be_looked_for_is_refused(
    ada: Peer, request_: m.Search, code: Code
) -> None:
    assert await ada.code(request_) is code


@pytest.mark.parametrize("words", ['"', "AND", "a*b*", "(", "NEAR(", "\0", "{a}:b", "*"])
async def test_no_words_are_an_error(ada: Peer, words: str) -> None:
    assert (await _find(ada, words)).hits == []


async def test_what_takes_too_long_is_said_to(
    server: RunningServer, ada: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = [Draft(GENERAL_ROOM, 1, "soup", f"{number}") for number in range(50)]
    await server.storage.write(lambda store: store.append(drafts, 5))
    await server.services.search.catch_up()
    monkeypatch.setattr(store_search, "LONGEST", -1.0)
    monkeypatch.setattr(store_search, "_CHECK_EVERY", 1)

    assert await ada.code(m.Search("soup", id=1)) is Code.FORBIDDEN


async def test_before_the_index_is_there_one_is_told_to_try_again(
    disk_server: RunningServer,
) -> None:
    ada = await disk_server.enter("Ada")
    refusal = await ada.refusal(m.Search("soup", id=1))

    assert (refusal.code, refusal.retry_after) == (Code.INTERNAL, 5.0)


# --- following


async def test_what_is_said_is_found_a_moment_later_without_anybody_asking_for_it(
    disk_server: RunningServer, tmp_path: Path
) -> None:
    ada = await disk_server.enter("Ada")
    run = disk_server.services.search.run
    disk_server.nursery.start_soon(run, tmp_path / "search.db", tmp_path / "chat.db")
    for number in range(2):
        await ada.post(f"soup {number}")
        await _wait_found(ada, f"soup {number}")


async def _wait_found(peer: Peer, words: str) -> None:
    with trio.fail_after(10):
        while not getattr(await peer.ask(m.Search(words, id=peer.number())), "hits", ()):
            pass


async def test_an_index_that_is_damaged_while_it_is_used_is_made_anew(
    disk_server: RunningServer, tmp_path: Path, logged: list[MutableMapping[str, Any]]
) -> None:
    path = tmp_path / "search.db"
    ada = await disk_server.enter("Ada")
    disk_server.nursery.start_soon(disk_server.services.search.run, path, tmp_path / "chat.db")
    for words in "soup", "bread":  # two, so that it waits for the next when it is damaged
        await ada.post(words)
        await _wait_found(ada, words)
    index = disk_server.services.search._index
    assert index is not None
    await index._writer.async_run(
        lambda: index._writer.execute("DELETE FROM entry_data").fetchall()  # type: ignore[attr-defined]
    )
    assert await ada.code(m.Search("soup", id=1)) is Code.INTERNAL

    await _wait_found(ada, "soup")
    assert "search index damaged, and made anew" in [line["event"] for line in logged]


async def test_what_is_not_kept_is_swept_from_the_index(server: RunningServer, ada: Peer) -> None:
    await ada.post("soup")
    await ada.post("bread")
    await server.services.search.catch_up()
    await server.storage.write(lambda store: store.remove_old_messages(GENERAL_ROOM, 2**60, 1))
    await server.services.search.sweep()

    assert await _texts(ada, "") == ["bread"]


async def test_what_was_taken_back_is_in_no_file_once_all_was_swept(
    server: RunningServer, ada: Peer, tmp_path: Path
) -> None:
    deleted, edited = await ada.post("xyzzyplugh"), await ada.post("xyzzyplugh!")
    await server.services.search.catch_up()
    await ada.delete(deleted.seq)
    await ada.edit(edited.seq, "nothing")
    await server.services.search.catch_up()
    await server.services.search.sweep()
    await Retention(server.storage, 0, clock.now).tidy()

    assert _files_with(tmp_path, b"xyzzyplugh") == []


async def test_a_long_way_to_catch_up_is_told_to_the_log(
    server: RunningServer,
    ada: Peer,
    logged: list[MutableMapping[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await ada.post("soup")
    await server.services.search.catch_up()
    quiet = list(logged)
    monkeypatch.setattr(searching, "_TOLD_FROM", 0)
    await server.services.search.catch_up()

    assert quiet == []
    assert [(line["event"], line["done"], line["messages"]) for line in logged] == [
        ("search index", "100%", 1)
    ]


async def test_an_index_that_cannot_be_written_is_told_to_the_log_and_tried_again(
    disk_server: RunningServer,
    tmp_path: Path,
    logged: list[MutableMapping[str, Any]],
    autojump_clock: MockClock,
) -> None:
    folder = tmp_path / "nowhere"
    with trio.move_on_after(searching._PATIENCE + 1):
        await disk_server.services.search.run(folder / "search.db", tmp_path / "chat.db")

    assert [line["event"] for line in logged] == ["search index not written"] * 2


async def _talk(journal: Journal, a_second: int) -> None:
    while True:
        await trio.sleep(0.1)
        journal.figures.posts += a_second // 10


@pytest.mark.parametrize(("a_second", "waited"), [(0, 0.3), (200, 0.3), (50_000, 10.0)])
async def test_taking_words_in_waits_for_a_flood_to_end_and_not_for_ever(
    server: RunningServer,
    nursery: trio.Nursery,
    autojump_clock: MockClock,
    a_second: int,
    waited: float,
) -> None:
    nursery.start_soon(_talk, server.services.journal, a_second)
    began = trio.current_time()
    await server.services.search.wait_for_quiet()

    assert trio.current_time() - began == pytest.approx(waited)
    nursery.cancel_scope.cancel()
