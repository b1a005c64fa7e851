from datetime import UTC, datetime

import pytest

from chat_shared import messages as m
from chat_tui.commands.audit_text import sentence

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = "2026-11-23T14:00:00.000Z"


def entry(action: str, name: str = "", until: str = "", reason: str = "") -> m.AuditEntry:
    return m.AuditEntry(1, "2026-11-23T12:00:00.000Z", "ada", action, name, until, reason)


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (
            entry("mute", "ben", LATER, "Not so loud."),
            'ada muted ben until 14:00: "Not so loud."',
        ),
        (entry("mute", "ben"), "ada muted ben"),
        (entry("ban", "ben", LATER), "ada banned ben until 14:00"),
        (entry("kick", "ben", reason="Enough."), 'ada kicked ben: "Enough."'),
        (entry("unban", "ben"), "ada unbanned ben"),
        (entry("unmute", "ben"), "ada unmuted ben"),
        (entry("topic", reason="Soup and bread"), "ada set the topic: Soup and bread"),
        (entry("topic"), "ada cleared the topic"),
        (entry("new_password"), "ada reset the room password"),
        (entry("invite", until=LATER), "ada created an invitation, valid until 14:00"),
        (entry("hand_over", "ben"), "ada made ben the owner"),
        (entry("exit", "ben"), "ada left; ben is now the owner"),
        (entry("delete", "ben"), "ada deleted a message by ben"),
        (entry("paint_walls", "ben"), "ada: paint walls ben"),
    ],
)
def test_an_entry_is_a_sentence(action: m.AuditEntry, text: str) -> None:
    assert sentence(action, NOW, UTC) == text


def test_braces_in_names_are_not_placeholders() -> None:
    by = "a{name}"
    kick = m.AuditEntry(1, "2026-11-23T12:00:00.000Z", by, "kick", "{by}{0}")

    assert sentence(kick, NOW, UTC) == "a{name} kicked {by}{0}"


def test_only_what_ends_has_an_end() -> None:
    assert sentence(entry("unban", "ben", until=LATER), NOW, UTC) == "ada unbanned ben"
    assert sentence(entry("invite"), NOW, UTC) == "ada created an invitation"
