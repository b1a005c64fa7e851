from datetime import UTC, datetime

import pytest

from chat_shared import messages as m
from chat_tui.commands.audit_text import done, sentence

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = "2026-11-23T14:00:00.000Z"


def entry(action: str, name: str = "", until: str = "", reason: str = "") -> m.AuditEntry:
    return m.AuditEntry(1, "2026-11-23T12:00:00.000Z", "ada", action, name, until, reason)


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        (
            entry("mute", "ben", LATER, "Not so loud."),
            "ada muted ben until 14:00: Not so loud.",
        ),
        (entry("mute", "ben"), "ada muted ben for good."),
        (entry("ban", "ben", LATER), "ada banned ben until 14:00."),
        (entry("kick", "ben", reason="Enough."), "ada sent ben away: Enough."),
        (entry("unban", "ben"), "ada lets ben come back."),
        (entry("unmute", "ben"), "ada lets ben speak again."),
        (entry("topic", reason="Soup and bread"), "ada set the topic: Soup and bread"),
        (entry("topic"), "ada took the topic away."),
        (entry("new_password"), "ada gave this room a new password."),
        (entry("invite", until=LATER), "ada made an invitation until 14:00."),
        (entry("hand_over", "ben"), "ada handed this room over to ben."),
        (entry("exit", "ben"), "ada left, and ben owns this room now."),
        (entry("paint_walls", "ben"), "ada: paint walls ben."),
    ],
)
def test_a_deed_is_told(deed: m.AuditEntry, said: str) -> None:
    assert sentence(deed, NOW, UTC) == said


def test_braces_in_names_stay_what_they_are() -> None:
    assert sentence(entry("kick", "{by}{0}"), NOW, UTC) == "ada sent {by}{0} away."


def test_who_asked_hears_what_came_of_it() -> None:
    assert "/unban ben" in done(m.Ban(id=1, room="kitchen", name="ben"))
    assert done(m.Topic(id=1, room="kitchen", topic="")) == "There is no topic any more."
    assert done(m.Ping(id=1)) == ""
