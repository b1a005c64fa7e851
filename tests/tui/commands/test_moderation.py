from datetime import UTC, datetime, timedelta

import pytest

from chat_shared import messages as m
from chat_tui.commands import parser
from chat_tui.commands.moderation import COMMANDS
from chat_tui.commands.parsed_input import HERE
from chat_tui.commands.parser import InputError, RunAction, SendRequest
from chat_tui.markup.times import read_time


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("/topic Soup  and bread", SendRequest(m.Topic(id=1, room=HERE, topic="Soup and bread"))),
        ("/topic", SendRequest(m.Topic(id=1, room=HERE, topic=""))),
        ("/invite", SendRequest(m.Invite(id=1, room=HERE))),
        ("/audit", SendRequest(m.Audit(id=1, room=HERE))),
        ("/kick ben", SendRequest(m.Kick(id=1, room=HERE, name="ben"))),
        (
            "/kick @Ben Not so loud.",
            SendRequest(m.Kick(id=1, room=HERE, name="Ben", reason="Not so loud.")),
        ),
        ("/ban ben", SendRequest(m.Ban(id=1, room=HERE, name="ben"))),
        ("/ban ben Enough.", SendRequest(m.Ban(id=1, room=HERE, name="ben", reason="Enough."))),
        ("/unban ben", SendRequest(m.Unban(id=1, room=HERE, name="ben"))),
        ("/mute ben", SendRequest(m.Mute(id=1, room=HERE, name="ben"))),
        ("/unmute @ben", SendRequest(m.Unmute(id=1, room=HERE, name="ben"))),
        ("/hand-over ben", RunAction("room.hand_over", "ben")),
        ("/reset-password", RunAction("room.new_password")),
        ("/new-password", RunAction("room.new_password")),
        ("/delete-room", RunAction("room.delete")),
    ],
)
def test_a_line_means(line: str, meaning: parser.ParsedInput) -> None:
    assert parser.read(line) == meaning


@pytest.mark.parametrize(
    ("line", "kind"), [("/ban ben 2h Enough.", m.Ban), ("/mute ben 2H Enough.", m.Mute)]
)
def test_a_duration_is_sent_as_the_moment_it_ends(
    line: str, kind: type[m.Ban] | type[m.Mute]
) -> None:
    before = datetime.now(UTC)
    meaning = parser.read(line)

    assert isinstance(meaning, SendRequest)
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
        "/reset-password secret",
        "/delete-room kitchen",
    ],
)
def test_a_line_that_cannot_be_carried_out_is_an_error(line: str) -> None:
    assert isinstance(parser.read(line), InputError)


def test_names_are_completed_where_the_first_argument_is_one() -> None:
    for command in COMMANDS:
        assert (command.completes == "name") is command.arguments.startswith("NAME")


@pytest.mark.parametrize(
    ("line", "typed"),
    [("/ban ben 2 hours", "2 hours"), ("/mute ben 2hours Enough.", "2hours"), ("/ban ben 2", "2")],
)
def test_a_bad_duration_is_quoted_with_what_works(line: str, typed: str) -> None:
    assert parser.read(line) == InputError(
        f'"{typed}" isn\'t a duration. Use 10m, 2h, 7d or 2w, or leave it out for no end.'
    )
