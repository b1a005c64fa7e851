import pytest

from chat_shared.messages import Member
from chat_tui.ui.widgets.room_title import RoomTitle
from support.tui_host import hosting
from support.tui_pilot import until

pytestmark = pytest.mark.asyncio

THREE = (Member("ada", True), Member("ben", True), Member("cy", False))


async def test_it_names_the_room_its_topic_and_how_many_are_online() -> None:
    title = RoomTitle()
    async with hosting(title, (60, 1)) as (host, pilot):
        title.room, title.topic, title.members = "kitchen", "what to cook [/]\x1b", THREE

        await until(pilot, lambda: "# kitchen  what to cook [/]␛" in host.text())
        assert host.text().rstrip().endswith("2 of 3 online")
        title.members = THREE[:1]
        await until(pilot, lambda: "only you" in host.text())
        title.members = ()  # as long as it is not known
        await until(pilot, lambda: host.text().rstrip().endswith("[/]␛"))


async def test_a_long_topic_gives_way() -> None:
    title = RoomTitle()
    async with hosting(title, (30, 1)) as (host, pilot):
        title.room, title.topic, title.members = "kitchen", "x" * 99, THREE

        await until(pilot, lambda: "…" in host.text())
        assert host.text().rstrip().endswith("2 of 3 online")


async def test_without_the_list_of_rooms_it_shows_unread_messages_elsewhere() -> None:
    title = RoomTitle()
    async with hosting(title, (40, 1)) as (host, pilot):
        title.room, title.members, title.elsewhere = "kitchen", THREE, "@4"

        await until(pilot, lambda: "@4  2 of 3 online" in host.text())


async def test_typing_and_presence_stand_in_place_of_the_count() -> None:
    title = RoomTitle()
    async with hosting(title, (40, 1)) as (host, pilot):
        title.room, title.members, title.about = "kitchen", THREE, "ben is typing…\x1b"
        await until(pilot, lambda: host.text().rstrip().endswith("ben is typing…␛"))

        title.room, title.direct, title.about = "Cleo", True, "online"
        await until(pilot, lambda: "@ Cleo" in host.text())
        assert host.text().rstrip().endswith("online")


async def test_on_a_very_narrow_line_it_is_cut() -> None:
    title = RoomTitle()
    async with hosting(title, (12, 1)) as (host, pilot):
        title.room, title.about = "kitchen", "away: " + "x" * 200
        await until(pilot, lambda: "away: x…" in host.text())
