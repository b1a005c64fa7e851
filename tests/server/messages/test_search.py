"""Members find the messages of their rooms a moment later, and no others."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from chat_server.store.api import GENERAL_ROOM, Draft
from chat_server.store.search_index import query as store_search
from chat_server.store.threads import Storage
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_FRAME, MAX_HITS, MAX_MARKS, MAX_TEXT, MAX_WORDS
from support.peer import Peer
from support.running_server import RunningServer, running_server
from support.searching import find_messages, found_texts, indexed


@pytest.fixture
async def disk_server(disk_storage: Storage) -> AsyncGenerator[RunningServer]:
    async with running_server(disk_storage) as server:
        yield server


@pytest.fixture(params=["attached", "copied"])
async def server(
    disk_server: RunningServer, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncGenerator[RunningServer]:
    """A server whose index is updated when a test says so, from the store itself or a copy."""
    async with indexed(disk_server, tmp_path, copied=request.param == "copied"):
        yield disk_server


@pytest.fixture
async def ada(server: RunningServer) -> Peer:
    return await server.log_in("Ada")


# --- hits


async def test_a_message_is_found_with_its_place_and_what_to_mark(
    server: RunningServer, ada: Peer
) -> None:
    await ada.create("Kitchen")
    accepted = await ada.post("Is there any Soup?", "kitchen")
    await server.services.search.catch_up()

    found = await find_messages(ada, "soup")
    assert found.hits == [
        m.Hit(1, "Kitchen", 1, "Ada", "Is there any Soup?", accepted.at, [(13, 17)])
    ]
    assert not found.more


async def test_rooms_authors_and_times_narrow_it_down(server: RunningServer, ada: Peer) -> None:
    ben = await server.log_in("Ben")
    await ada.create("kitchen")
    await ada.post("soup one")
    await ben.post("soup two")
    await ada.post("soup three", "kitchen")
    await server.services.search.catch_up()

    assert await found_texts(ada, "soup") == ["soup three", "soup two", "soup one"]
    assert await found_texts(ada, "soup", room="General") == ["soup two", "soup one"]
    assert await found_texts(ada, "soup", author="BEN") == ["soup two"]
    assert await found_texts(ada, "soup", author="nobody") == []
    assert await found_texts(ada, "", author="Ben") == ["soup two"]
    assert await found_texts(ada, "soup", until="2020-01-01T00:00:00.000Z") == []
    assert len(await found_texts(ada, "soup", until="2999-01-01T00:00:00.000Z")) == 3


async def test_edited_messages_are_found_as_they_are_and_deleted_ones_are_not(
    server: RunningServer, ada: Peer
) -> None:
    await ada.post("soop")
    await ada.post("a secret")
    await server.services.search.catch_up()
    await ada.edit(1, "soup")
    await ada.delete(2)
    at_once = await found_texts(ada, "soop") + await found_texts(ada, "secret")
    await server.services.search.catch_up()

    assert at_once == []
    assert await found_texts(ada, "soup") == ["soup"]
    assert await found_texts(ada, "") == ["soup"]


async def test_hits_are_paged(server: RunningServer, ada: Peer) -> None:
    for number in range(5):
        await ada.post(f"soup {number}")
    await server.services.search.catch_up()

    first = await find_messages(ada, "soup", limit=3)
    second = await find_messages(ada, "soup", limit=3, before=first.hits[-1].id)
    assert [[hit.seq for hit in page.hits] for page in (first, second)] == [[5, 4, 3], [2, 1]]
    assert (first.more, second.more) == (True, False)
    assert not (await find_messages(ada, "soup", limit=5)).more


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
        found = await find_messages(ada, "soup", before=before)
        assert found.hits
        assert len(m.encode(found)) <= MAX_FRAME
        seen += [hit.text for hit in found.hits]
        before = found.hits[-1].id
    assert seen == list(reversed(texts * 2))


async def test_a_message_of_nothing_but_matches_is_found_with_the_first_ones_marked(
    server: RunningServer, ada: Peer
) -> None:
    await ada.post("a😀" * (MAX_TEXT // 2))
    await server.services.search.catch_up()

    found = await find_messages(ada, "a")
    assert found.hits[0].marks == [(2 * n, 2 * n + 1) for n in range(MAX_MARKS)]
    assert len(m.encode(found)) <= MAX_FRAME


async def test_a_page_has_a_maximum_number_of_hits(server: RunningServer, ada: Peer) -> None:
    drafts = [Draft(GENERAL_ROOM, 1, "soup", f"{number}") for number in range(MAX_HITS + 1)]
    await server.storage.write(lambda store: store.append(drafts, 5))
    await server.services.search.catch_up()

    found = await find_messages(ada, "soup")
    assert (len(found.hits), found.more) == (MAX_HITS, True)


# --- who may find them


async def test_only_rooms_that_the_account_is_a_member_of_now_are_searched(
    server: RunningServer, ada: Peer
) -> None:
    ben = await server.log_in("Ben")
    password = await ada.create("kitchen")
    await ada.post("soup", "kitchen")
    await server.services.search.catch_up()

    assert await found_texts(ben, "soup") == []
    assert await ben.code(m.Search("soup", "kitchen", id=1)) is Code.NOT_A_MEMBER
    await ben.join("kitchen", password)
    assert await found_texts(ben, "soup") == ["soup"]
    await ben.exit("kitchen")
    assert await found_texts(ben, "soup") == []
    assert await ben.code(m.Search("soup", "kitchen", id=2)) is Code.NOT_A_MEMBER
    assert await found_texts(ada, "soup") == ["soup"]


async def test_a_member_removed_during_a_search_gets_no_hits_from_the_room(
    server: RunningServer, ada: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ada.create("kitchen")
    await ada.post("soup", "kitchen")
    await server.services.search.catch_up()
    (account,) = server.services.registry.online_accounts
    find = server.services.search.find

    async def find_and_be_removed(request: m.Search, rooms: set[int], by: int) -> object:
        found = await find(request, rooms, by)
        account.rooms.discard(2)
        return found

    monkeypatch.setattr(
        type(server.services.search), "find", lambda _, *args: find_and_be_removed(*args)
    )

    assert await find_messages(ada, "soup") == m.Found([], False, re=ada.number() - 1)


async def test_a_deleted_room_is_not_found(server: RunningServer, ada: Peer) -> None:
    await ada.create("kitchen")
    await ada.post("soup", "kitchen")
    await server.services.search.catch_up()
    room = server.services.rooms.find("kitchen")
    assert room is not None
    await server.services.rooms.remove(room)

    assert await found_texts(ada, "soup") == []


# --- invalid searches


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
async def test_an_invalid_search_is_refused(ada: Peer, request_: m.Search, code: Code) -> None:
    assert await ada.code(request_) is code


@pytest.mark.parametrize("words", ['"', "AND", "a*b*", "(", "NEAR(", "\0", "{a}:b", "*"])
async def test_no_words_are_an_error(ada: Peer, words: str) -> None:
    assert (await find_messages(ada, words)).hits == []


async def test_a_search_that_takes_too_long_is_refused_as_such(
    server: RunningServer, ada: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = [Draft(GENERAL_ROOM, 1, "soup", f"{number}") for number in range(50)]
    await server.storage.write(lambda store: store.append(drafts, 5))
    await server.services.search.catch_up()
    monkeypatch.setattr(store_search, "QUICK", -1.0)
    monkeypatch.setattr(store_search, "LONGEST", -1.0)
    monkeypatch.setattr(store_search, "_CHECK_EVERY", 1)

    assert await ada.code(m.Search("soup", id=1)) is Code.FORBIDDEN


async def test_before_the_index_is_open_a_search_is_refused_as_temporary(
    disk_server: RunningServer,
) -> None:
    ada = await disk_server.log_in("Ada")
    refusal = await ada.refusal(m.Search("soup", id=1))

    assert (refusal.code, refusal.retry_after) == (Code.INTERNAL, 5.0)
