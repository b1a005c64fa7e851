import pytest

from chat_shared import messages as m
from chat_tui.commands.parser import LEVELS
from chat_tui.model.notifications import Level, Notifications, sentence
from chat_tui.model.room import Room

CALL, TALK = (m.Line(1, "ben", text, "") for text in ("@ada soup", "soup"))
KITCHEN, BEN = Room("kitchen"), Room("@1-2", peer="ben")


def notified(room: Room, level: Level | None) -> tuple[bool, bool]:
    levels = {room.name: level} if level else {}
    notifications = Notifications(levels, lambda line: "@ada" in line.text)
    return notifications.wanted(room, CALL), notifications.wanted(room, TALK)


@pytest.mark.parametrize(
    ("level", "wanted"),
    [
        (None, (True, False)),
        ("all", (True, True)),
        ("mentions", (True, False)),
        ("off", (False,) * 2),
    ],
)
def test_a_room_notifies_of_mentions_by_default(
    level: Level | None, wanted: tuple[bool, bool]
) -> None:
    assert notified(KITCHEN, level) == wanted


def test_a_direct_message_notifies_of_everything_by_default() -> None:
    assert notified(BEN, None) == (True, True)
    assert notified(BEN, "mentions") == (True, False)
    assert notified(BEN, "off") == (False, False)


def test_the_rooms_with_all_notifications_are_listed() -> None:
    levels: dict[str, Level] = {"a": "all", "b": "off", "c": "mentions"}

    assert Notifications(levels, bool).all_rooms() == {"a"}


def test_one_notification_covers_messages_that_arrive_together() -> None:
    assert sentence([(KITCHEN, TALK)]) == "ben in kitchen: soup"
    assert sentence([(KITCHEN, TALK), (BEN, CALL)]) == "ben (and 1 more): @ada soup"


def test_the_command_knows_every_level() -> None:
    for level in LEVELS:
        assert notified(KITCHEN, level) is not None
    assert set(LEVELS) == {"all", "mentions", "off"}


def test_a_file_without_a_text_is_named() -> None:
    line = m.Line(1, "ben", "", "", files=(m.File(1, "soup.pdf", 9),))

    assert sentence([(KITCHEN, line)]) == "ben in kitchen: 📄 soup.pdf"
