"""What a typed line means: something to say, something to ask for, or a mistake.

Pure: it looks at the line and, where something is to end in two hours, at the
clock. What begins like a command is never sent to the room by accident; it may
hold a password.
"""

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Final

from chat_shared import messages as m
from chat_shared.limits import MAX_REASON, MAX_TEXT
from chat_tui.commands import blocking, moderation, search_query
from chat_tui.commands.parsed_input import (
    Arguments,
    Command as Command,
    InputError as InputError,
    ParsedInput as ParsedInput,
    RunAction as RunAction,
    SendDirectMessage as SendDirectMessage,
    SendMessage as SendMessage,
    SendRequest as SendRequest,
    ask_about,
    in_room as in_room,
)

LEVELS: Final = ("all", "mentions", "off")  # of a room's notifications


def _read_create(words: list[str]) -> ParsedInput:
    if not words:
        return RunAction("room.create")
    if len(words) > 1:
        return InputError("A room's name is one word: /create NAME")
    return ask_about(words[0], m.Create(id=m.UNNUMBERED, room=words[0]))


def _read_join(words: list[str]) -> ParsedInput:
    if len(words) < 2:
        return RunAction("room.join", words[0] if words else "")
    if len(words) > 2:
        return InputError("A room's name and its password are one word each: /join NAME PASSWORD")
    return ask_about(words[0], m.Join(id=m.UNNUMBERED, room=words[0], password=words[1]))


def _read_exit(words: list[str]) -> ParsedInput:
    if words:
        return InputError("/exit leaves the room that is open; it takes no name.")
    return RunAction("room.exit")


def _read_select(words: list[str]) -> ParsedInput:
    if words:
        return InputError("/select takes nothing after it; the arrows pick the message.")
    return RunAction("log.pick")


def _read_logout(words: list[str]) -> ParsedInput:
    if words and words != ["all"]:
        return InputError(
            "/logout ends the session on this device, /logout all those on all devices."
        )
    return RunAction("account.logout", "all" if words else "")


def _without_words(name: str, action: str) -> Callable[[list[str]], ParsedInput]:
    """Return a reader for a command that asks for what it needs in a dialog, out of sight."""

    def read_nothing(words: list[str]) -> ParsedInput:
        if words:
            return InputError(f"/{name} takes nothing after it; it asks for what it needs.")
        return RunAction(action)

    return read_nothing


def _read_away(words: list[str]) -> ParsedInput:
    why = " ".join(words)
    if len(why) > MAX_REASON:
        return InputError(
            f"That is {len(why)} characters; why one is away takes at most {MAX_REASON}."
        )
    return RunAction("away", why)


def _read_notify(words: list[str]) -> ParsedInput:
    level = words[0].lower() if words else ""
    if len(words) > 1 or (level and level not in LEVELS):
        return InputError("/notify takes one of all, mentions and off, for the room that is open.")
    return RunAction("notify", level)


def _read_go(words: list[str]) -> ParsedInput:
    if len(words) != 1:
        return InputError("Which room? /go ROOM")
    return RunAction("room.go", words[0])


def _read_search(words: Arguments) -> ParsedInput:
    if not words:
        return RunAction("search")
    meant = search_query.read_typed(words.behind(0))
    return meant if isinstance(meant, InputError) else SendRequest(meant)


def _read_mentions(words: Arguments) -> ParsedInput:
    if words:
        return InputError("/mentions shows what called you, in all rooms; it takes no word.")
    return SendRequest(m.Mentions(id=m.UNNUMBERED))


def _read_msg(words: Arguments) -> ParsedInput:
    if not words:
        return InputError("Whom? /msg NAME [TEXT]")
    name, text = moderation.named(words[0]), words.behind(1)
    if len(text) > MAX_TEXT:
        return InputError(
            f"That is {len(text):,} characters; a message takes at most {MAX_TEXT:,}."
        )
    opening = ask_about(name, m.Direct(id=m.UNNUMBERED, name=name))
    return SendDirectMessage(name, text) if text and isinstance(opening, SendRequest) else opening


def _read_help(words: list[str]) -> ParsedInput:
    return RunAction("help", words[0].lstrip("/") if words else "")


COMMANDS: Final = (
    Command("create", "NAME", "make a room; its password is shown once", _read_create),
    Command("join", "NAME PASSWORD", "enter a room; the password is masked", _read_join),
    Command("exit", "", "leave this room and go back to general", _read_exit),
    Command("msg", "NAME [TEXT]", "write to one person alone", _read_msg, "person"),
    *blocking.COMMANDS,
    Command(
        "search",
        "[WORDS]",
        "look for messages; from:NAME in:ROOM before:2026-11-01 narrow it down",
        _read_search,
    ),
    Command("mentions", "", "what called you by name, in all your rooms", _read_mentions),
    Command(
        "unread",
        "",
        "go to the first message of this room that you have not read",
        lambda words: RunAction("log.unread"),
    ),
    Command(
        "notify",
        "[LEVEL]",
        "what this room may tell you while you look elsewhere: all, mentions or off",
        _read_notify,
    ),
    Command("away", "[TEXT]", "say why you are not here; alone: you are back", _read_away),
    Command("go", "ROOM", "go to a room that you are in", _read_go, "room"),
    Command("rooms", "", "your rooms, and what is unread", lambda words: RunAction("rooms.toggle")),
    Command("older", "", "read what was said before", lambda words: RunAction("log.page_up")),
    Command(
        "members", "", "show or hide who is in this room", lambda words: RunAction("members.toggle")
    ),
    Command("select", "", "pick a message, to copy, answer or change it", _read_select),
    Command(
        "sessions",
        "",
        "where you are logged in; log a device out",
        _without_words("sessions", "account.sessions"),
    ),
    Command("logout", "[all]", "log out on this device, or on all of them", _read_logout),
    Command("password", "", "change your password", _without_words("password", "account.password")),
    Command(
        "delete-account",
        "",
        "delete your account, after asking for the password",
        _without_words("delete-account", "account.delete"),
    ),
    *moderation.COMMANDS,
    Command("help", "[COMMAND]", "keys and commands, or one command", _read_help),
    Command("quit", "", "end the program; you stay in your rooms", lambda words: RunAction("quit")),
)
# A room's password and whatever follows it. The blank before the slash is no
# command, but what stands there is a password all the same. So may be what
# somebody writes behind the commands that ask for one elsewhere.
_SECRET: Final = re.compile(
    r"\s*/(?:join\s+\S+|password|delete-account)\s+(\S.*)", re.DOTALL | re.IGNORECASE
)
_BY_NAME: Final = {command.name: command for command in COMMANDS}


def read(line: str) -> ParsedInput:
    """Return what `line` means. A second slash escapes the first: `//x` says `/x`."""
    if line.startswith("//"):
        return SendMessage(line[1:])
    if line.startswith("/"):
        return _read_command(line)
    if line.lstrip().startswith("/") and not line.lstrip().startswith("//"):
        return InputError(
            "Nothing was sent: a command starts at the first column, without a space."
        )
    return SendMessage(line)


def line_for(text: str) -> str:
    """Return the line that says `text`, be it to change what was said."""
    return f"/{text}" if text.startswith("/") else text


def _read_command(line: str) -> ParsedInput:
    typed = Arguments(line[1:])
    name = typed[0] if typed and not line[1].isspace() else ""
    command = _BY_NAME.get(name.lower())
    if command is None:
        return InputError(_unknown(name))
    return command.read(Arguments(typed.behind(1)))


def find(name: str) -> Command | None:
    return _BY_NAME.get(name.lower())


def _unknown(name: str) -> str:
    nearest = get_close_matches(name.lower(), _BY_NAME, n=1, cutoff=0.5)
    offer = f" Did you mean /{nearest[0]}?" if nearest else " /help lists the commands."
    return f"There is no command /{name}; nothing was sent.{offer} (// sends a line with a slash.)"


def explain(name: str) -> str:
    """Return the usage of one command in a sentence, or say that there is none such."""
    command = _BY_NAME.get(name.lower())
    return f"{command.usage}: {command.what}." if command else _unknown(name)


def hints(line: str) -> Iterator[Command]:
    """Yield the commands that `line` may be the beginning of."""
    if not line.startswith("/") or line.startswith("//") or "\n" in line:
        return
    name, space, _ = line[1:].partition(" ")
    for command in COMMANDS:
        if command.name == name.lower() or (not space and command.name.startswith(name.lower())):
            yield command


def is_secret(line: str) -> bool:
    """Say whether `line` holds a password, and so is not to be remembered."""
    return secret_span(line) is not None


def secret_span(line: str) -> tuple[int, int] | None:
    """Return where in `line` a room's password stands: from, and up to the end."""
    match = _SECRET.match(line)
    return match.span(1) if match else None
