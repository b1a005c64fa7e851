"""Pages of messages and members fit a frame, are in order, and say whether more exist."""

import pytest
from trio.testing import wait_all_tasks_blocked

from chat_server.store.api import Draft
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_FRAME, MAX_PAGE, MAX_TEXT
from support.peer import Peer
from support.running_server import RunningServer
from support.store_faults import FaultyStorage


async def _fill(server: RunningServer, texts: list[str]) -> Peer:
    """Return Ada, who has posted all `texts` in the general room."""
    ada = await server.log_in("Ada")
    account = server.services.registry.online_accounts
    (number,) = (live.id for live in account if live.name == "Ada")
    drafts = [Draft(1, number, text, str(at)) for at, text in enumerate(texts)]
    await server.storage.write(lambda store: store.append(drafts, 1_000))
    return ada


def _seqs(page: m.Page) -> list[int]:
    return [line.seq for line in page.messages]


async def test_without_a_bound_it_is_the_newest_page(server: RunningServer) -> None:
    ada = await _fill(server, ["x"] * 10)

    page = await ada.history(limit=3)
    assert _seqs(page) == [8, 9, 10]
    assert page.more
    assert page.messages[0] == m.Line(8, "Ada", "x", "1970-01-01T00:00:01.000Z")


@pytest.mark.parametrize(
    ("which", "seqs", "more"),
    [
        ({"before": 5, "limit": 2}, [3, 4], True),
        ({"before": 5, "limit": 4}, [1, 2, 3, 4], False),
        ({"before": 5}, [1, 2, 3, 4], False),
        ({"before": 1}, [], False),
        ({"before": 0}, [], False),
        ({"after": 5, "limit": 2}, [6, 7], True),
        ({"after": 8, "limit": 2}, [9, 10], False),
        ({"after": 0, "limit": 1}, [1], True),
        ({"after": 10}, [], False),
        ({"after": 2**53 - 1}, [], False),
        ({"after": 7, "before": 3}, [8, 9, 10], False),
    ],
)
async def test_bounds_are_exclusive_and_more_is_about_the_requested_direction(
    server: RunningServer, which: dict[str, int], seqs: list[int], more: bool
) -> None:
    ada = await _fill(server, ["x"] * 10)

    page = await ada.history("general", **which)
    assert (_seqs(page), page.more) == (seqs, more)


async def test_an_empty_room_has_an_empty_page(server: RunningServer) -> None:
    ada = await server.log_in("Ada")

    page = await ada.history()
    assert (page.room, page.messages, page.more) == ("general", [], False)


# Texts that take the most bytes for their characters, each in another way.
_LONGEST = ["🍲" * MAX_TEXT, '"' * MAX_TEXT, "\n" * MAX_TEXT, "\ue000" * MAX_TEXT, "x"]


@pytest.mark.parametrize("forwards", [True, False])
async def test_paging_through_the_longest_messages_shows_each_once(
    server: RunningServer, forwards: bool
) -> None:
    texts = _LONGEST * 6
    ada = await _fill(server, texts)
    seen: list[int] = []
    more = True
    while more:
        if forwards:
            page = await ada.history(after=seen[-1] if seen else 0)
            seen += _seqs(page)
        else:
            page = await ada.history(before=seen[0] if seen else 2**53 - 1)
            seen = _seqs(page) + seen
        assert len(m.encode(page)) <= MAX_FRAME
        assert [line.text for line in page.messages] == [texts[seq - 1] for seq in _seqs(page)]
        assert page.messages or not page.more
        more = page.more

    assert seen == list(range(1, len(texts) + 1))


async def test_a_page_has_a_maximum_number_of_messages(server: RunningServer) -> None:
    ada = await _fill(server, ["x"] * (MAX_PAGE + 1))

    page = await ada.history()
    assert len(page.messages) == MAX_PAGE
    assert page.more


async def test_only_members_can_read_messages(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    await ada.create("Kitchen")
    ben = await server.log_in("Ben")

    assert await ben.code(m.History("Kitchen", id=7)) is Code.NOT_A_MEMBER
    assert await ben.code(m.Members("Kitchen", id=8)) is Code.NOT_A_MEMBER
    assert await ben.code(m.History("nowhere", id=9)) is Code.NOT_A_MEMBER


async def test_members_are_listed_in_order_with_their_presence(server: RunningServer) -> None:
    for name in ("cleo", "Ben", "Ada"):
        await server.token(name)
    ada = await server.log_in("Ada")

    page = await ada.grant(m.Members("General", id=5), m.MemberPage)
    assert page.room == "general"
    assert page.members == [
        m.Member("Ada", True),
        m.Member("Ben", False),
        m.Member("cleo", False),
    ]
    assert not page.more


async def test_members_are_paged_by_the_last_name_in_any_spelling(server: RunningServer) -> None:
    names = [f"n{number:04}" for number in range(MAX_PAGE + 5)]
    for name in names:
        await server.token(name)
    ada = await server.log_in(names[0])

    first = await ada.grant(m.Members("general", id=5), m.MemberPage)
    second = await ada.grant(
        m.Members("general", first.members[-1].name.upper(), id=6), m.MemberPage
    )
    assert first.more
    assert not second.more
    assert [member.name for member in first.members + second.members] == names


async def test_accounts_take_turns_to_read_pages(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    devices = [await faulty_server.log_in("Eve") for _ in range(20)]
    ada = await faulty_server.log_in("Ada")
    with faults.queries_held() as gate:
        for device in devices:
            await device.send(m.Members("general", id=1))
        await wait_all_tasks_blocked()
        await ada.send(m.Members("general", id=1))
        await wait_all_tasks_blocked()
        for _ in range(3):  # the one that was being read, one more of hers, and Ada's
            gate.open_once()
            await wait_all_tasks_blocked()
        assert isinstance(await ada.reply_to(1), m.MemberPage)
