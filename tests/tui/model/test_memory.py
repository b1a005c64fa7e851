import pytest

from chat_shared import messages as m
from chat_shared.limits import MAX_PAGE
from chat_tui.model import memory
from chat_tui.model.changes import StartedOver
from chat_tui.model.room import Room
from support.tui_state import AT, line, logged_in


def _room(name: str, count: int, length: int) -> Room:
    room = Room(name, last_seq=count)
    room.lines = [line(seq, "x" * length) for seq in range(1, count + 1)]
    room.held_to = count
    return room


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> dict[str, Room]:
    monkeypatch.setattr(memory, "MAX_HELD", 500_000)
    return {
        "small": _room("small", 300, 100),
        "large": _room("large", 300, 900),
        "open": _room("open", 300, 500),
    }


def test_the_largest_rooms_that_are_not_open_keep_a_page(rooms: dict[str, Room]) -> None:
    assert list(memory.shrink(rooms, "open")) == [StartedOver("large")]

    assert [len(room.lines) for room in rooms.values()] == [300, MAX_PAGE, 300]
    assert rooms["large"].lines[-1].seq == rooms["large"].held_to == 300
    assert rooms["large"].has_older


def test_the_open_room_stays_whole_however_large(rooms: dict[str, Room]) -> None:
    assert list(memory.shrink(rooms, "large")) == [StartedOver("open"), StartedOver("small")]

    assert len(rooms["large"].lines) == 300


def test_nothing_is_forgotten_while_all_fits(rooms: dict[str, Room]) -> None:
    del rooms["large"]

    assert list(memory.shrink(rooms, "open")) == []


def test_messages_that_arrive_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MAX_HELD", 500_000)
    state = logged_in(m.RoomInfo("general", "", 0, 0), m.RoomInfo("attic", "", 0, 0))
    state.open_room = "general"

    for seq in range(1, 3 * memory.CHECKED_EVERY + 1):
        state.apply(m.Posted("attic", seq, "linus", "x" * 100, AT))

    assert len(state.rooms["attic"].lines) == MAX_PAGE
    assert state.rooms["attic"].unread == 3 * memory.CHECKED_EVERY
