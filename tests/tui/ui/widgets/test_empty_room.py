import pytest

from chat_shared.limits import GENERAL
from chat_tui.model.room import Room
from chat_tui.ui.widgets.empty_room import Beginning


def posted(
    room: Room, own: bool = False, keys: dict[str, str] | None = None, *, unsent: bool = False
) -> str:
    beginning = Beginning(keys or {})
    beginning.tell_of(room, own=own, unsent=unsent)
    return beginning.words


def test_an_empty_room_says_how_to_begin() -> None:
    assert posted(Room("kitchen")) == "No messages yet. Type one and press Enter."


def test_a_room_with_messages_says_nothing() -> None:
    assert posted(Room("kitchen", last_seq=1), own=True) == ""
    assert posted(Room("kitchen"), unsent=True) == ""


@pytest.mark.parametrize(
    ("room", "own", "words"),
    [
        (Room(GENERAL), False, "Ctrl+N creates a room, F1 shows all keys"),
        (Room("kitchen"), True, "/invite creates an invitation for one person"),
        (
            Room("~1", peer="{ben}\x1b"),
            False,
            "This is between you and {ben}␛. The server's operator can read it too.",
        ),
    ],
)
def test_it_describes_the_kind_of_room(room: Room, own: bool, words: str) -> None:
    assert words in posted(room, own)


def test_the_keys_are_those_of_the_user() -> None:
    keys = {"message.send": "ctrl+r", "room.create": "f2"}
    assert "press Ctrl+R" in posted(Room(GENERAL), keys=keys)
    assert "F2 creates a room" in posted(Room(GENERAL), keys=keys)
