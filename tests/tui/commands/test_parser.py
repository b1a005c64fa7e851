import pytest

from chat_shared import messages as m
from chat_shared.limits import MAX_REASON, MAX_TEXT
from chat_tui.commands import parser
from chat_tui.commands.keys import BY_ID
from chat_tui.commands.parser import (
    COMMANDS,
    InputError,
    RunAction,
    SendDirectMessage,
    SendMessage,
    SendRequest,
)

SEARCH = "Search messages (from:NAME in:ROOM before:2026-11-01)"


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
        ("/LEAVE", RunAction("room.exit")),
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
        ("/away", RunAction("away", "")),
        ("/away  Back at\tfive.", RunAction("away", "Back at five.")),
        ("/notify", RunAction("notify", "")),
        ("/notify ALL", RunAction("notify", "all")),
        ("/go kitchen", RunAction("room.go", "kitchen")),
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
        f"/away {'x' * (MAX_REASON + 1)}",
        "/notify loud",
        "/notify all off",
        "/go",
        "/go two rooms",
    ],
)
def test_a_line_like_a_command_is_never_sent_to_the_room(line: str) -> None:
    assert isinstance(parser.read(line), InputError)


def test_an_unknown_command_offers_the_nearest() -> None:
    meaning = parser.read("/jion kitchen secret")

    assert isinstance(meaning, InputError)
    assert "Did you mean /join?" in meaning.sentence
    assert "secret" not in meaning.sentence


@pytest.mark.parametrize("text", ["/quit is how to end", "//x", "soup", " a space"])
def test_every_text_has_a_line_that_sends_it(text: str) -> None:
    assert parser.read(parser.line_for(text)) == parser.SendMessage(text)


def test_an_unknown_command_without_a_near_one_offers_the_help() -> None:
    meaning = parser.read("/xyzzy")

    assert isinstance(meaning, InputError)
    assert "/help" in meaning.sentence


def test_two_slashes_after_spaces_are_text() -> None:
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
        ("/", [command.name for command in COMMANDS if command.name != "keep"]),
        ("/jo", ["join"]),
        ("/join kitchen", ["join"]),
        ("/Lea", ["exit"]),
        ("/leave ", ["exit"]),
        ("/nothing", []),
        ("//", []),
        ("hello", []),
        ("/join\nmore", []),
        ("/join kitchen\nmore", []),
        ("rejoin kitchen", []),
        ("?join kitchen", []),
    ],
)
def test_the_beginning_of_a_command_hints_at_the_commands_it_may_become(
    line: str, names: list[str]
) -> None:
    assert [command.name for command in parser.hints(line)] == names


def test_every_command_explains_itself() -> None:
    for command in COMMANDS:
        is_of_guests = command.name == "keep"
        explained = parser.explain(command.name, guest=is_of_guests)
        assert explained == f"{command.usage}: {command.help}"
    assert parser.explain("leave") == "/exit: Leave this room (also /leave)"
    assert "isn't a command" in parser.explain("nothing")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("/kick", "Usage: /kick NAME [REASON]"),
        ("/password secret", "Usage: /password, with nothing after it"),
        ("/notify loud", "Usage: /notify all, /notify mentions or /notify off"),
        (" /join kitchen secret", 'Not sent: remove the space before "/".'),
        (f"/msg ben {'x' * 8_001}", "The message has 8,001 characters; the limit is 8,000."),
    ],
)
def test_an_error_says_what_to_type_instead(line: str, sentence: str) -> None:
    assert parser.read(line) == InputError(sentence)


def test_a_line_that_cannot_be_sent_says_why() -> None:
    longest, too_long = SendMessage("x" * MAX_TEXT), SendMessage("x" * (MAX_TEXT + 1))

    assert parser.why_not_sent(longest) is None
    assert parser.why_not_sent(too_long) == (
        "The message has 8,001 characters; the limit is 8,000. Split it."
    )
    assert parser.why_not_sent(InputError("Usage: /go ROOM")) == "Usage: /go ROOM"
    assert parser.why_not_sent(RunAction("quit")) is None


def test_a_command_and_the_key_of_its_action_are_described_in_the_same_words() -> None:
    actions = {
        command.what: meaning.action
        for command in COMMANDS
        if isinstance(meaning := parser.read(f"/{command.name}"), RunAction)
        and meaning.action in BY_ID
    }
    assert actions.pop(SEARCH) == "search"  # which adds the filters
    assert actions == {
        what: action for what, action in actions.items() if BY_ID[action].what == what
    }
