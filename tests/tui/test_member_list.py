import pytest

from chat_shared.messages import Member
from chat_tui.widgets.member_list import MemberList
from support.tui_host import hosting
from support.tui_pilot import until

pytestmark = pytest.mark.asyncio


async def test_those_online_come_first_by_name_and_oneself_is_marked() -> None:
    members = MemberList()
    async with hosting(members, (24, 10)) as (host, pilot):
        members.own = "ADA"
        members.members = (
            Member("linus", False),
            Member("Grace", True),
            Member("ada", True),
            Member("[/]\x1b", True),
        )
        await until(pilot, lambda: "linus" in host.text())

        rows = [row.strip() for row in host.text().split("\n")[:5]]
        assert rows == ["3 of 4 online", "● [/]␛", "● ada (you)", "● Grace", "○ linus"]


async def test_of_very_many_the_rest_is_a_number() -> None:
    members = MemberList()
    async with hosting(members, (24, 10)) as (host, pilot):
        members.members = tuple(Member(f"m{n}", True) for n in range(2_000))
        await until(pilot, lambda: "2,000 of 2,000" in host.text())
        members.scroll_end(animate=False)

        await until(pilot, lambda: "and 1,500 more" in host.text())
