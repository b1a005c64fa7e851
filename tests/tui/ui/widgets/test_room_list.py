import pytest

from chat_tui.ui.messages import ComposerWanted, RoomChosen
from chat_tui.ui.widgets.room_list import RoomEntry, RoomList
from support.tui_host import hosting
from support.tui_pilot import until

pytestmark = pytest.mark.asyncio


async def test_rooms_are_listed_with_their_unread_messages() -> None:
    rooms = RoomList()
    async with hosting(rooms, (26, 8)) as (host, pilot):
        rooms.rooms = (
            RoomEntry("general"),
            RoomEntry("attic", unread=12),
            RoomEntry("kitchen", unread=3, mentions=1),
            RoomEntry("deploys", unread=5_000),
        )
        rooms.current = "general"
        await until(pilot, lambda: "kitchen" in host.text())

        rows = [row.split() for row in host.text().split("\n")[:5]]
        assert rows == [
            ["Rooms"],
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

        first, second = host.text().split("\n")[1:3]
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


async def test_new_messages_do_not_move_the_highlight() -> None:
    rooms = RoomList()
    async with hosting(rooms, (26, 8)) as (_, pilot):
        rooms.rooms = (RoomEntry("general"), RoomEntry("attic"))
        rooms.current = "general"
        rooms.focus()
        await pilot.press("down")
        rooms.rooms = (RoomEntry("general", 1), RoomEntry("attic"))
        await pilot.pause()
        assert rooms.highlighted == 2

        rooms.rooms = (RoomEntry("general", 1), RoomEntry("archive"), RoomEntry("attic"))
        await pilot.pause()
        assert rooms.highlighted == 3


async def test_direct_messages_are_listed_below_with_the_presence_of_their_participant() -> None:
    rooms = RoomList()
    async with hosting(rooms, (26, 8)) as (host, pilot):
        rooms.rooms = (
            RoomEntry("general"),
            RoomEntry("@1", peer="Ben", presence="online"),
            RoomEntry("@2", unread=2, mentions=2, peer="Cleo", presence="away"),
            RoomEntry("@3", peer="Dag[/]\x1b"),
        )
        rooms.current = "@1"
        await until(pilot, lambda: "Dag" in host.text())

        rows = [" ".join(row.split()) for row in host.text().split("\n")[:7]]
        assert rows[:4] == ["Rooms", "general", "", "Direct messages"]
        assert rows[4:] == ["▎ ● Ben", "◐ Cleo @2", "Dag[/]␛"]

        rooms.focus()
        await pilot.press("up", "enter")
        await until(pilot, lambda: host.of(RoomChosen))
        assert [chosen.room for chosen in host.of(RoomChosen)] == ["general"]
