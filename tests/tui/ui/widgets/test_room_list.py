import pytest

from chat_tui.ui.messages import ComposerWanted, RoomChosen
from chat_tui.ui.widgets.room_list import RoomEntry, RoomList
from support.tui_host import hosting
from support.tui_pilot import until

pytestmark = pytest.mark.asyncio


async def test_rooms_stand_with_what_is_unread_in_them() -> None:
    rooms = RoomList()
    async with hosting(rooms, (26, 8)) as (host, pilot):
        rooms.rooms = (
            RoomEntry("general"),
            RoomEntry("attic", unread=12),
            RoomEntry("kitchen", unread=3, calls=1),
            RoomEntry("deploys", unread=5_000),
        )
        rooms.current = "general"
        await until(pilot, lambda: "kitchen" in host.text())

        rows = [row.split() for row in host.text().split("\n")[:4]]
        assert rows == [
            ["▎", "general"],
            ["attic", "12"],
            ["kitchen", "@1", "3"],
            ["deploys", "999+"],
        ]


async def test_a_long_name_is_cut_and_its_count_stays() -> None:
    rooms = RoomList()
    async with hosting(rooms, (26, 8)) as (host, pilot):
        rooms.rooms = (RoomEntry("日" * 32, unread=7), RoomEntry("x" * 32))
        await until(pilot, lambda: "…" in host.text())

        first, second = host.text().split("\n")[:2]
        assert "… " in first
        assert "7" in first
        assert second.rstrip().endswith("…")


async def test_enter_chooses_and_escape_goes_back_to_writing() -> None:
    rooms = RoomList()
    async with hosting(rooms, (26, 8)) as (host, pilot):
        rooms.rooms = (RoomEntry("general"), RoomEntry("[/]\x1b"))
        rooms.current = "general"
        rooms.focus()
        await pilot.press("down", "enter", "escape")

        await until(pilot, lambda: host.of(ComposerWanted))
        assert [chosen.room for chosen in host.of(RoomChosen)] == ["[/]\x1b"]
        assert "[/]␛" in host.text()


async def test_news_does_not_move_somebody_who_is_choosing() -> None:
    rooms = RoomList()
    async with hosting(rooms, (26, 8)) as (_, pilot):
        rooms.rooms = (RoomEntry("general"), RoomEntry("attic"))
        rooms.current = "general"
        rooms.focus()
        await pilot.press("down")
        rooms.rooms = (RoomEntry("general", 1), RoomEntry("attic"))
        await pilot.pause()
        assert rooms.highlighted == 1

        rooms.rooms = (RoomEntry("general", 1), RoomEntry("archive"), RoomEntry("attic"))
        await pilot.pause()
        assert rooms.highlighted == 2


async def test_rooms_of_two_stand_below_by_the_name_of_the_other_one_who_may_be_here() -> None:
    rooms = RoomList()
    async with hosting(rooms, (26, 8)) as (host, pilot):
        rooms.rooms = (
            RoomEntry("general"),
            RoomEntry("@1", peer="Ben", online=True),
            RoomEntry("@2", unread=2, calls=2, peer="Cleo", online=False),
            RoomEntry("@3", peer="Dag[/]\x1b"),
        )
        rooms.current = "@1"
        await until(pilot, lambda: "Ben" in host.text())

        rows = [" ".join(row.split()) for row in host.text().split("\n")[:5]]
        assert rows == ["general", "direct", "▎●Ben", "○Cleo @2", "Dag[/]␛"]

        rooms.focus()
        await pilot.press("up", "enter")
        await until(pilot, lambda: host.of(RoomChosen))
        assert [chosen.room for chosen in host.of(RoomChosen)] == ["general"]
