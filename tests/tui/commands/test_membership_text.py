from datetime import UTC, datetime
from typing import Final

import pytest

from chat_shared import messages as m
from chat_tui.commands.membership_text import (
    is_own_doing,
    joined,
    left,
    muted,
    not_joined,
    removed,
    unmuted,
)

NOW: Final = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TODAY: Final = "2026-11-22T14:25:00.000Z"


def left_by(by: str, reason: str, action: str, until: str = "") -> m.Left:
    return m.Left("kitchen", "ben", by, reason, action, until)


def test_joining_and_leaving_are_sentences() -> None:
    assert joined("ben") == "ben joined"
    assert left("ben") == "ben left"


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (left_by("ada", "Enough.", "kick"), 'ada kicked you from kitchen: "Enough."'),
        (left_by("ada", "spam", "kick"), 'ada kicked you from kitchen: "spam".'),
        (left_by("ada", "", "ban"), "ada banned you from kitchen."),
        (left_by("ada", "Test", "ban", TODAY), 'ada banned you from kitchen until 14:25: "Test".'),
        (left_by("{title}", "", "kick"), "{title} kicked you from kitchen."),
        (left_by("ada", "", "delete_room"), "ada deleted kitchen and all its messages."),
        (
            left_by("", "", "delete_room"),
            "The server's operator deleted kitchen and all its messages.",
        ),
        (left_by("ada", "", ""), "ada removed you from kitchen."),  # an older server
        (left_by("", "set aside", ""), "You're no longer in kitchen: set aside."),
        (None, "You're no longer in kitchen."),
    ],
)
def test_a_kick_a_ban_and_a_deleted_room_are_told_apart(
    event: m.Left | None, sentence: str
) -> None:
    assert removed("kitchen", event, NOW, UTC) == sentence


def test_leaving_of_our_own_accord_needs_no_sentence() -> None:
    assert is_own_doing(None, "ben")
    assert is_own_doing(left_by("", "", ""), "ben")
    assert is_own_doing(left_by("ben", "", "delete_room"), "ben")
    assert not is_own_doing(left_by("", "", "delete_room"), "ben")
    assert not is_own_doing(left_by("", "set aside", ""), "ben")


def test_a_mute_says_until_when() -> None:
    assert muted("kitchen", "", NOW, UTC) == "You're muted in kitchen."
    assert muted("kitchen", TODAY, NOW, UTC) == "You're muted in kitchen until 14:25."
    assert unmuted("kitchen") == "You can write in kitchen again."


@pytest.mark.parametrize("name", ["Ben", "@ben"])
def test_who_has_no_conversation_with_us_yet_is_written_to(name: str) -> None:
    sentence = not_joined(name, ["ada", "ben"], f"/join {name}")
    assert sentence == "You have no conversation with ben yet. To begin one: /msg ben"


def test_another_name_is_a_room_to_join() -> None:
    sentence = not_joined("cellar", ["ada"], "/join cellar")
    assert sentence == "You're not in cellar. To join: /join cellar"
