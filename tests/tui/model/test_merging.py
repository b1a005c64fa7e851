from chat_tui.model.changes import (
    Appended,
    Change,
    MemberJoined,
    MembersChanged,
    NotificationDue,
    RoomsChanged,
    StartedOver,
    Updated,
)
from chat_tui.model.merging import merged
from support.tui_state import line

ONE, TWO, THREE = line(1), line(2), line(3)


def test_what_must_be_drawn_again_is_drawn_once() -> None:
    changes: list[Change] = [
        RoomsChanged(),
        MembersChanged("a"),
        MembersChanged("b"),
        MembersChanged("a"),
    ]

    assert merged([*changes, RoomsChanged()]) == changes[:3]


def test_messages_of_a_room_are_appended_at_once() -> None:
    due = NotificationDue("a", TWO)
    changes: list[Change] = [
        Appended("a", (ONE,)),
        Appended("b", (ONE,)),
        due,
        Appended("a", (TWO, THREE)),
    ]

    assert merged(changes) == [Appended("a", (ONE, TWO, THREE)), Appended("b", (ONE,)), due]


def test_what_happened_between_messages_stays_between_them() -> None:
    for between in (MemberJoined("a", "ben"), Updated("a", (1,)), StartedOver("a")):
        changes: list[Change] = [Appended("a", (ONE,)), between, Appended("a", (TWO,))]

        assert merged(changes) == changes
