import time
from datetime import UTC, datetime

import pytest

from chat_shared.messages import Member
from chat_shared.names import _fold, fold
from chat_tui.ui.widgets import member_list as module
from chat_tui.ui.widgets.member_list import MemberList, presence
from support.tui_host import hosting
from support.tui_pilot import until


def _by_name(*members: Member) -> dict[str, Member]:
    return {fold(member.name): member for member in members}


@pytest.mark.asyncio
async def test_those_online_come_first_by_name_and_the_user_and_the_owner_are_marked() -> None:
    members = MemberList()
    async with hosting(members, (24, 10)) as (host, pilot):
        members.own, members.owner = "ADA", "Linus"
        members.members = _by_name(
            Member("linus", False),
            Member("Grace", True),
            Member("ada", True),
            Member("[/]\x1b", True),
        )
        await until(pilot, lambda: "linus" in host.text())

        rows = [row.strip() for row in host.text().split("\n")[:5]]
        assert rows == ["Members", "● [/]␛", "● ada (you)", "● Grace", "○ linus (owner)"]


@pytest.mark.asyncio
async def test_a_mark_that_does_not_fit_beside_a_name_is_below_it() -> None:
    members = MemberList()
    async with hosting(members, (24, 10)) as (host, pilot):
        members.own = members.owner = "ada"
        members.members = _by_name(Member("ada", True), Member("ben", True))
        await until(pilot, lambda: "ben" in host.text())

        rows = [row.strip() for row in host.text().split("\n")[1:4]]
        assert rows == ["● ada (you)", "(owner)", "● ben"]


@pytest.mark.asyncio
async def test_away_messages_and_last_seen_are_beside_the_name_or_below() -> None:
    members = MemberList()
    async with hosting(members, (24, 10)) as (host, pilot):
        members.members = _by_name(
            Member("ada", True, away="Cooking.[/]"),
            Member("linus", False, seen="2001-01-01T12:00:00.000Z"),
            Member("zoe", False, away="Back on Monday, I hope.", seen="2001-01-01T12:00:00.000Z"),
        )
        await until(pilot, lambda: "linus" in host.text())

        rows = [row.strip() for row in host.text().split("\n")[1:6]]
        assert rows == [
            *("◐ ada Cooking.[/]",),
            *("○ linus", "1 Jan 2001"),
            *("○ zoe", "Back on Monday…"),
        ]


@pytest.mark.asyncio
async def test_a_list_that_changes_all_the_time_is_drawn_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawings: list[MemberList] = []
    members = MemberList()
    renew = members.renew

    def counted() -> None:
        drawings.append(members)
        renew()

    monkeypatch.setattr(members, "renew", counted)
    async with hosting(members, (24, 10)) as (host, pilot):
        for number in range(1_000):
            new = Member(f"user{number:03}", True)
            members.members = {**members.members, new.name: new}
        await until(pilot, lambda: "user005" in host.text())

        assert len(drawings) <= 2


@pytest.mark.asyncio
async def test_the_longer_a_list_the_later_it_is_drawn_again() -> None:
    members = MemberList()
    async with hosting(members, (24, 10)):
        pauses = []
        for count in 10, 150, 10_000:
            members.set_reactive(
                MemberList.members, {f"user{n}": Member(f"user{n}", True) for n in range(count)}
            )
            before = time.monotonic()
            members.renew()
            pauses.append(members._due - before)

    assert pauses == sorted(pauses)
    assert pauses[0] >= module.DRAWN_EVERY
    assert pauses[1] >= 2 * module.DRAWN_EVERY


@pytest.mark.asyncio
async def test_where_drawing_costs_others_a_long_list_is_drawn_ten_times_later() -> None:
    pauses = []
    for costs_others in False, True:
        members = MemberList(costs_others=costs_others)
        async with hosting(members, (24, 10)):
            for count in 2, 10_000:
                members.set_reactive(
                    MemberList.members, {f"user{n}": Member(f"user{n}", True) for n in range(count)}
                )
                pauses.append(members._pause(took=0.0))

    assert pauses == [module.DRAWN_EVERY, 2.0, module.DRAWN_EVERY, 20.0]


@pytest.mark.asyncio
async def test_the_members_of_another_room_are_drawn_at_once() -> None:
    members = MemberList(costs_others=True)
    async with hosting(members, (24, 10)):
        members.members = {f"user{n}": Member(f"user{n}", True) for n in range(300)}
        members.renew()
        assert members._due > time.monotonic() + 15

        members.expect_others()
        members.members = _by_name(Member("ada", True))
        assert members.option_count == 2

        members.members = {f"user{n}": Member(f"user{n}", True) for n in range(300)}
        members.renew()  # whom the server says to be there
        assert members._due < time.monotonic() + 3


@pytest.mark.asyncio
async def test_a_hidden_list_is_drawn_once_it_is_shown() -> None:
    members = MemberList()
    async with hosting(members, (24, 10)) as (host, pilot):
        members.display = False
        members.members = _by_name(Member("ada", True))
        members.renew()
        await pilot.pause()
        assert members.option_count == 1  # the heading

        members.display = True
        await until(pilot, lambda: "ada" in host.text())


NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (Member("ada", True), ""),
        (Member("ada", False), ""),
        (Member("ada", False, seen="2026-11-22T10:00:00.000Z"), "2 h ago"),
        (Member("ada", True, away="Cooking.\x1b"), "Cooking.␛"),
    ],
)
def test_presence_in_words(member: Member, words: str) -> None:
    assert presence(member, NOW) == words


@pytest.mark.asyncio
async def test_of_very_many_the_rest_is_a_number() -> None:
    members = MemberList()
    async with hosting(members, (24, 10)) as (host, pilot):
        members.members = _by_name(*(Member(f"m{n}", True) for n in range(2_000)))
        await until(pilot, lambda: "m1000" in host.text())
        members.scroll_end(animate=False)

        await until(pilot, lambda: "and 1,500 more" in host.text())


@pytest.mark.asyncio
async def test_to_draw_the_list_no_name_is_folded_but_two() -> None:
    """Folding ten thousand that are not remembered took half a second."""
    members = MemberList()
    async with hosting(members, (24, 10)):
        members.members = _by_name(*(Member(f"m{n}", True) for n in range(2_000)))
        _fold.cache_clear()

        members.renew()

        assert _fold.cache_info().misses <= 2
