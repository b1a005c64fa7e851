import pytest

from chat_shared import messages as m
from chat_tui.commands import parser
from chat_tui.commands.parser import (
    COMMANDS,
    InputError,
    RunAction,
    SendDirectMessage,
    SendMessage,
    SendRequest,
)


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("hello", SendMessage("hello")),
        ("either/or", SendMessage("either/or")),
        ("//join is a command", SendMessage("/join is a command")),
        ("/create kitchen", SendRequest(m.Create(id=1, room="kitchen"))),
        ("/CREATE kitchen", SendRequest(m.Create(id=1, room="kitchen"))),
        ("/create", RunAction("room.create")),
        ("/join kitchen a-b-c", SendRequest(m.Join(id=1, room="kitchen", password="a-b-c"))),
        ("/join   kitchen\ta-b-c  ", SendRequest(m.Join(id=1, room="kitchen", password="a-b-c"))),
        ("/join kitchen", RunAction("room.join", "kitchen")),
        ("/join", RunAction("room.join")),
        ("/exit", RunAction("room.exit")),
        ("/msg ben", SendRequest(m.Direct(id=1, name="ben"))),
        ("/msg @ben two  lines\nhere", SendDirectMessage("ben", "two  lines\nhere")),
        ("/search", RunAction("search")),
        ("/search hot soup", SendRequest(m.Search(id=1, words="hot soup"))),
        ("/search soup from:ben", SendRequest(m.Search(id=1, words="soup", author="ben"))),
        ("/mentions", SendRequest(m.Mentions(id=1))),
        ("/members", RunAction("members.toggle")),
        ("/help", RunAction("help")),
        ("/help /join", RunAction("help", "join")),
        ("/quit", RunAction("quit")),
        ("/sessions", RunAction("account.sessions")),
        ("/logout", RunAction("account.logout")),
        ("/logout all", RunAction("account.logout", "all")),
        ("/password", RunAction("account.password")),
        ("/delete-account", RunAction("account.delete")),
    ],
)
def test_a_line_means(line: str, meaning: parser.ParsedInput) -> None:
    assert parser.read(line) == meaning


@pytest.mark.parametrize(
    "line",
    [
        " /join kitchen secret",
        "  /jion kitchen secret",
        "\n/join kitchen secret",
        "/jion kitchen secret",
        "/",
        "/ join kitchen secret",
        "/create two words",
        "/join kitchen two words",
        "/create -",
        "/join #kitchen secret",
        "/exit kitchen",
        "/logout now",
        "/msg",
        "/msg - hello",
        f"/msg ben {'x' * 8_001}",
        "/search soup before:soon",
        "/mentions ben",
        "/password secret",
        "/delete-account secret",
        "/sessions all",
    ],
)
def test_what_looks_like_a_command_is_never_said_in_the_room(line: str) -> None:
    assert isinstance(parser.read(line), InputError)


def test_an_unknown_command_offers_the_nearest() -> None:
    meaning = parser.read("/jion kitchen secret")

    assert isinstance(meaning, InputError)
    assert "Did you mean /join?" in meaning.sentence
    assert "secret" not in meaning.sentence


@pytest.mark.parametrize("text", ["/quit is how to end", "//x", "soup", " a space"])
def test_every_text_has_a_line_that_says_it(text: str) -> None:
    assert parser.read(parser.line_for(text)) == parser.SendMessage(text)


def test_far_from_every_command_the_help_is_offered() -> None:
    meaning = parser.read("/xyzzy")

    assert isinstance(meaning, InputError)
    assert "/help" in meaning.sentence


def test_two_spaces_of_slashes_are_text() -> None:
    assert parser.read("  //x") == SendMessage("  //x")


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("/join kitchen k7qm", "k7qm"),
        ("/JOIN kitchen k7qm and more", "k7qm and more"),
        (" /join kitchen k7qm", "k7qm"),
        ("/join j j", "j"),
        ("/password old new", "old new"),
        (" /Delete-Account mine", "mine"),
        ("/join kitchen\nk7qm", "k7qm"),
    ],
)
def test_the_password_of_a_room_is_found_while_it_is_typed(line: str, secret: str) -> None:
    span = parser.secret_span(line)

    assert span is not None
    assert line[slice(*span)] == secret
    assert parser.is_secret(line)


@pytest.mark.parametrize("line", ["", "/join", "/join kitchen", "/join kitchen ", "join a b"])
def test_without_a_password_there_is_nothing_to_hide(line: str) -> None:
    assert parser.secret_span(line) is None


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("/", [command.name for command in COMMANDS]),
        ("/jo", ["join"]),
        ("/join kitchen", ["join"]),
        ("/nothing", []),
        ("//", []),
        ("hello", []),
        ("/join\nmore", []),
    ],
)
def test_the_beginning_of_a_command_hints_at_what_it_may_become(
    line: str, names: list[str]
) -> None:
    assert [command.name for command in parser.hints(line)] == names


def test_every_command_explains_itself() -> None:
    for command in COMMANDS:
        assert parser.explain(command.name) == f"{command.usage}: {command.what}."
    assert "no command" in parser.explain("nothing")
