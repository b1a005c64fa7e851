from datetime import UTC, datetime, timedelta

import pytest

from chat_shared import messages as m
from chat_tui.commands import parser
from chat_tui.commands.moderation import COMMANDS
from chat_tui.commands.parser import Ask, Do, Mistake
from chat_tui.markup.times import read_time


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("/topic Soup  and bread", Ask(m.Topic(id=1, room="", topic="Soup and bread"))),
        ("/topic", Ask(m.Topic(id=1, room="", topic=""))),
        ("/invite", Ask(m.Invite(id=1, room=""))),
        ("/audit", Ask(m.Audit(id=1, room=""))),
        ("/kick ben", Ask(m.Kick(id=1, room="", name="ben"))),
        ("/kick @Ben Not so loud.", Ask(m.Kick(id=1, room="", name="Ben", reason="Not so loud."))),
        ("/ban ben", Ask(m.Ban(id=1, room="", name="ben"))),
        ("/ban ben Enough.", Ask(m.Ban(id=1, room="", name="ben", reason="Enough."))),
        ("/unban ben", Ask(m.Unban(id=1, room="", name="ben"))),
        ("/mute ben", Ask(m.Mute(id=1, room="", name="ben"))),
        ("/unmute @ben", Ask(m.Unmute(id=1, room="", name="ben"))),
        ("/hand-over ben", Do("room.hand_over", "ben")),
        ("/new-password", Do("room.new_password")),
        ("/delete-room", Do("room.delete")),
    ],
)
def test_a_line_means(line: str, meaning: parser.Meaning) -> None:
    assert parser.read(line) == meaning


@pytest.mark.parametrize(
    ("line", "kind"), [("/ban ben 2h Enough.", m.Ban), ("/mute ben 2H Enough.", m.Mute)]
)
def test_what_has_an_end_says_when(line: str, kind: type[m.Ban] | type[m.Mute]) -> None:
    before = datetime.now(UTC)
    meaning = parser.read(line)

    assert isinstance(meaning, Ask)
    request = meaning.request
    assert isinstance(request, kind)
    assert (request.name, request.reason) == ("ben", "Enough.")
    late = read_time(request.until) - before - timedelta(hours=2)
    assert abs(late) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "line",
    [
        f"/topic {'x' * 201}",
        "/kick",
        "/kick -",
        f"/kick ben {'x' * 201}",
        "/ban",
        "/ban ben 0h",
        "/ban ben 999999999w",
        "/ban ben 2 hours",
        "/mute ben 2hours Enough.",
        f"/mute ben 2h {'x' * 201}",
        "/mute",
        "/unban",
        "/unban ben cleo",
        "/unmute",
        "/hand-over",
        "/hand-over ben cleo",
        "/hand-over -",
        "/invite ben",
        "/audit kitchen",
        "/new-password secret",
        "/delete-room kitchen",
    ],
)
def test_what_cannot_be_followed_is_a_mistake(line: str) -> None:
    assert isinstance(parser.read(line), Mistake)


def test_names_are_completed_where_one_comes_first() -> None:
    for command in COMMANDS:
        assert (command.completes == "name") is command.arguments.startswith("NAME")
