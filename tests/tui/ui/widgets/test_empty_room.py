import pytest

from chat_shared.limits import GENERAL
from chat_tui.model.room import Room
from chat_tui.ui.widgets.empty_room import Beginning


def said(room: Room, own: bool = False, keys: dict[str, str] | None = None) -> str:
    beginning = Beginning(keys or {})
    beginning.tell_of(room, own=own)
    return beginning.words


def test_in_an_empty_room_it_says_how_to_begin() -> None:
    assert said(Room("kitchen")) == "Nobody has said anything here yet. Type, and press Enter."


def test_once_something_was_said_it_says_nothing() -> None:
    assert said(Room("kitchen", last_seq=1), own=True) == ""


@pytest.mark.parametrize(
    ("room", "own", "words"),
    [
        (Room(GENERAL), False, "Ctrl+N makes one of your own, F1 shows what else"),
        (Room("kitchen"), True, "/invite makes a code that lets one person in"),
        (Room("~1", peer="{ben}\x1b"), False, "Only you and {ben}␛ can read this."),
    ],
)
def test_it_says_what_is_particular_to_the_room(room: Room, own: bool, words: str) -> None:
    assert words in said(room, own)


def test_the_keys_are_those_of_the_user() -> None:
    keys = {"message.send": "ctrl+r", "room.create": "f2"}
    assert "press Ctrl+R" in said(Room(GENERAL), keys=keys)
    assert "F2 makes one" in said(Room(GENERAL), keys=keys)
