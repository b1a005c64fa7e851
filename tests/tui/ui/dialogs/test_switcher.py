import pytest
from textual.widgets import OptionList

from chat_tui.ui.dialogs.switcher import by_urgency, find_people, find_rooms
from chat_tui.ui.widgets.room_list import RoomEntry
from support.fake_server import FakeServer
from support.tui_chat import chatting

pytestmark = pytest.mark.asyncio


def server_with_rooms() -> FakeServer:
    fake = FakeServer()
    fake.account("ada")
    for room in ("attic", "deploys", "kitchen"):
        fake.room(room, "k7qm", "ada")
    return fake


async def test_enter_alone_goes_to_the_room_with_a_mention() -> None:
    fake = server_with_rooms()
    async with chatting(fake) as running:
        fake.post("attic", "linus", "hello")
        fake.post("kitchen", "linus", "@ada!")
        await running.sees("@1")
        await running.press("ctrl+k")
        await running.sees("Go to a room")
        await running.press("enter")

        await running.sees("Message kitchen")


async def test_a_few_letters_find_a_room() -> None:
    async with chatting(server_with_rooms()) as running:
        await running.press("ctrl+k")
        await running.sees("Go to a room")
        await running.write("dplx")
        await running.sees("No matching room or person.")
        await running.press("backspace", "enter")

        await running.sees("Message deploys")


async def test_arrows_choose_and_nothing_found_chooses_nothing() -> None:
    async with chatting(server_with_rooms()) as running:
        await running.press("ctrl+k")
        await running.sees("Go to a room")
        await running.press("x", "x", "enter")
        await running.sees("Go to a room")
        await running.press("backspace", "backspace", "down", "up", "down", "enter")

        await running.sees("Message deploys")


async def test_a_room_is_chosen_by_a_click() -> None:
    async with chatting(server_with_rooms()) as running:
        await running.press("ctrl+k")
        await running.sees("Go to a room")
        await running.pilot.click("Switcher OptionList", offset=(3, 2))

        await running.sees("Message kitchen")


async def test_mentions_come_first_then_unread_rooms_then_the_last_visited() -> None:
    rooms = [
        RoomEntry("here"),
        RoomEntry("lately"),
        RoomEntry("before", unread=3),
        RoomEntry("@1", unread=1, mentions=1, peer="Ben"),
        RoomEntry("long ago"),
    ]

    ordered = [room.title for room in by_urgency(rooms, "here")]
    assert ordered == ["Ben", "before", "lately", "long ago", "here"]
    assert find_rooms(rooms, "ben") == [rooms[3]]


async def test_the_best_match_comes_first() -> None:
    rooms = [RoomEntry("kitchen"), RoomEntry("attic"), RoomEntry("kit")]

    assert find_rooms(rooms, "kit")[0].name == "kit"
    assert find_rooms(rooms, " ") == rooms
    assert find_rooms(rooms, "zzz") == []


async def test_a_person_leads_to_a_new_conversation() -> None:
    fake = server_with_rooms()
    fake.account("linus")
    fake.rooms["general"].members["linus"] = "linus"
    async with chatting(fake) as running:
        await running.press("ctrl+k")
        await running.sees("Go to a room")
        await running.write("lin")
        await running.sees("@ linus  new conversation")
        await running.press("enter")

        await running.sees("Message linus")


async def test_people_are_found_by_how_their_names_begin_once_a_letter_is_typed() -> None:
    names = ["Ben", "benno", "linus"]

    assert find_people(names, " @BEN ") == ["Ben", "benno"]
    assert find_people(names, "inus") == []
    assert find_people(names, " @") == []
    assert find_people([f"ben{number}" for number in range(100)], "ben")[-1] == "ben19"


async def test_the_dialog_is_as_high_as_what_it_shows_of_many_rooms() -> None:
    fake = FakeServer()
    for number in range(20):
        fake.room(f"room{number}", "k7qm", "ada")
    async with chatting(fake, size=(80, 24)) as running:
        await running.press("ctrl+k")
        await running.sees("Go to a room")

        dialog = running.app.screen.query_one(".dialog")
        rooms = dialog.query_one(OptionList)
        assert rooms.size.height == 12  # of 21
        assert rooms.region.bottom == dialog.content_region.bottom
