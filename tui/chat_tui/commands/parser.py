"""Parses a typed line: a message, a request, an action of the client, or an error.

Pure, but that durations such as 2h are counted from the clock. What looks like a
command is never sent to the room by accident: it may hold a password.
"""

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import partial
from typing import Final

from chat_shared import messages as m
from chat_shared.limits import MAX_REASON, MAX_TEXT
from chat_tui.commands import (
    blocking,
    exporting,
    guests_text,
    hooks,
    invitations,
    moderation,
    numbered,
    paths,
    search_query,
)
from chat_tui.commands.audience import Audience
from chat_tui.commands.keys import BY_ID
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
    too_long,
    without_arguments,
    without_at,
)

LEVELS: Final = ("all", "mentions", "off")  # of a room's notifications


def _read_create(words: Arguments) -> ParsedInput | None:
    if not words:
        return RunAction("room.create")
    if len(words) > 1:
        return None
    return ask_about(words[0], m.Create(id=m.UNNUMBERED, room=words[0]))


def _read_join(words: Arguments) -> ParsedInput | None:
    if len(words) < 2:
        return RunAction("room.join", words[0] if words else "")
    if len(words) > 2:
        return None
    return ask_about(words[0], m.Join(id=m.UNNUMBERED, room=words[0], password=words[1]))


def _with_any_arguments(action: str) -> Callable[[Arguments], ParsedInput]:
    return lambda _: RunAction(action)


def _read_logout(words: Arguments) -> ParsedInput | None:
    if words and words != ["all"]:
        return None
    return RunAction("account.logout", "all" if words else "")


def _read_away(words: Arguments) -> ParsedInput:
    why = " ".join(words)
    return too_long("The away message", why, MAX_REASON) or RunAction("away", why)


def _read_notify(words: Arguments) -> ParsedInput:
    level = words[0].lower() if words else ""
    if len(words) > 1 or (level and level not in LEVELS):
        return InputError("Usage: /notify all, /notify mentions or /notify off")
    return RunAction("notify", level)


def _read_go(words: Arguments) -> ParsedInput | None:
    return RunAction("room.go", words[0]) if len(words) == 1 else None


def _read_search(words: Arguments) -> ParsedInput:
    if not words:
        return RunAction("search")
    meant = search_query.read_typed(words.after(0))
    return meant if isinstance(meant, InputError) else SendRequest(meant)


def _read_msg(words: Arguments) -> ParsedInput | None:
    if not words:
        return None
    name, text = without_at(words[0]), words.after(1)
    if error := too_long("The message", text, MAX_TEXT):
        return error
    opening = ask_about(name, m.Direct(id=m.UNNUMBERED, name=name))
    return SendDirectMessage(name, text) if text and isinstance(opening, SendRequest) else opening


def _read_upload(words: Arguments) -> ParsedInput:
    typed = words.after(0)
    caption = paths.read_upload(typed).caption
    return too_long("The text", caption, MAX_TEXT) or RunAction("message.upload", typed)


def _read_help(words: Arguments) -> ParsedInput:
    return RunAction("help", words[0].lstrip("/") if words else "")


def _what(action: str) -> str:
    """Return what the action's key does, in the words of the key table."""
    return BY_ID[action].what


_not_for_guests: Final = partial(Command, audience=Audience.NO_GUESTS)

COMMANDS: Final = (
    _not_for_guests("create", "NAME", _what("room.create"), _read_create),
    _not_for_guests("join", "NAME PASSWORD", _what("room.join"), _read_join),
    Command(
        "exit",
        "",
        _what("room.exit"),
        without_arguments(RunAction("room.exit")),
        alias="leave",
    ),
    _not_for_guests("msg", "NAME [TEXT]", "Send a direct message", _read_msg, "person"),
    _not_for_guests("upload", "PATH… [-- TEXT]", _what("message.upload"), _read_upload, "path"),
    Command(
        "cancel",
        "",
        "Cancel uploads, downloads and exports",
        without_arguments(RunAction("files.cancel")),
    ),
    *blocking.COMMANDS,
    Command(
        "search",
        "[WORDS]",
        "Search messages (from:NAME in:ROOM before:2026-11-01)",
        _read_search,
    ),
    Command(
        "mentions",
        "",
        _what("mentions"),
        without_arguments(SendRequest(m.Mentions(id=m.UNNUMBERED))),
    ),
    Command("unread", "", _what("log.unread"), _with_any_arguments("log.unread")),
    Command(
        "notify",
        "[all|mentions|off]",
        "Set notifications for this room: all, mentions or off",
        _read_notify,
    ),
    Command("away", "[TEXT]", "Set or clear your away message", _read_away),
    Command("go", "ROOM", _what("room.switch"), _read_go, "room"),
    Command("rooms", "", _what("rooms.toggle"), _with_any_arguments("rooms.toggle")),
    Command("older", "", _what("log.page_up"), _with_any_arguments("log.page_up")),
    Command("members", "", _what("members.toggle"), _with_any_arguments("members.toggle")),
    Command("select", "", _what("log.pick"), without_arguments(RunAction("log.pick"))),
    _not_for_guests(
        "sessions",
        "",
        _what("account.sessions"),
        without_arguments(RunAction("account.sessions")),
    ),
    _not_for_guests(
        "keys",
        "",
        "Show your SSH keys, add or remove one",
        without_arguments(RunAction("account.ssh_keys")),
    ),
    Command("logout", "[all]", "Log out on this device, or on all of them", _read_logout),
    _not_for_guests(
        "password", "", "Change your password", without_arguments(RunAction("account.password"))
    ),
    Command(
        "keep",
        "",
        "Keep a guest's account, with a password",
        without_arguments(RunAction("account.keep")),
        audience=Audience.GUESTS,
    ),
    _not_for_guests(
        "delete-account",
        "",
        "Delete your account",
        without_arguments(RunAction("account.delete")),
    ),
    *invitations.COMMANDS,
    *hooks.COMMANDS,
    *exporting.COMMANDS,
    *moderation.COMMANDS,
    Command("help", "[COMMAND]", _what("help"), _read_help),
    Command("quit", "", _what("quit"), _with_any_arguments("quit")),
)

PLAIN_COMMANDS: Final = numbered.COMMANDS  # only where no message can be selected

_ALONE: Final = ", with nothing after it"

# A room's password and everything after it. Behind a leading space, this is no command,
# but holds a password all the same. The commands that ask for a password in a dialog take
# no arguments, but people may type it there.
_SECRET: Final = re.compile(
    r"\s*/(?:join\s+\S+|password|keep|delete-account)\s+(\S.*)", re.DOTALL | re.IGNORECASE
)
_BY_NAME: Final = {
    name: command for command in (*COMMANDS, *PLAIN_COMMANDS) for name in command.names
}


def read(line: str, *, guest: bool = False) -> ParsedInput:
    """Return what `line` means, typed by a `guest` or by anyone else.

    A second slash escapes the first: `//x` sends `/x`.
    """
    if line.startswith("//"):
        return SendMessage(line[1:])
    if line.startswith("/"):
        return _read_command(line, guest=guest)
    if line.lstrip().startswith("/") and not line.lstrip().startswith("//"):
        return InputError('Not sent: remove the space before "/".')
    return SendMessage(line)


def line_for(text: str) -> str:
    """Return the line that sends `text`."""
    return f"/{text}" if text.startswith("/") else text


def _read_command(line: str, *, guest: bool) -> ParsedInput:
    typed = Arguments(line[1:])
    name = typed[0] if typed and not line[1].isspace() else ""
    command = find(name)
    if command is None:
        return InputError(_unknown(name))
    if not command.audience.includes(guest=guest):
        return InputError(_not_for(guest=guest))
    meaning = command.read(Arguments(typed.after(1)))
    return _misused(command) if meaning is None else meaning


def _misused(command: Command) -> InputError:
    return InputError(f"Usage: {command.usage}{'' if command.arguments else _ALONE}")


def _not_for(*, guest: bool) -> str:
    return guests_text.NOT_BY_GUESTS if guest else guests_text.NO_GUEST


def find(name: str) -> Command | None:
    """Return the command of this name or alias, in any case and without its slash."""
    return _BY_NAME.get(name.lower())


def _unknown(name: str) -> str:
    nearest = get_close_matches(name.lower(), _BY_NAME, n=1, cutoff=0.5)
    offer = f"Did you mean /{nearest[0]}?" if nearest else "/help lists all commands."
    return f"Not sent: /{name} isn't a command. {offer} To start a message with /, type //."


def explain(name: str, *, guest: bool = False) -> str:
    """Return the usage of a command and what it does, or why there is none such for us."""
    command = find(name)
    if command is None:
        return _unknown(name)
    if not command.audience.includes(guest=guest):
        return _not_for(guest=guest)
    return f"{command.usage}: {command.help}"


def offered(*, guest: bool = False) -> Iterator[Command]:
    """Yield the commands that a guest, or anyone else, can use."""
    return (command for command in COMMANDS if command.audience.includes(guest=guest))


def hints(line: str, *, guest: bool = False) -> Iterator[Command]:
    """Yield the commands that `line` may become."""
    if not line.startswith("/") or line.startswith("//") or "\n" in line:
        return
    name, space, _ = line[1:].lower().partition(" ")
    for command in offered(guest=guest):
        if name in command.names or (not space and command.name_from(name)):
            yield command


def is_secret(line: str) -> bool:
    """Return whether `line` holds a password, and so must not be stored."""
    return secret_span(line) is not None


def secret_span(line: str) -> tuple[int, int] | None:
    """Return the start and end of a password in `line`."""
    match = _SECRET.match(line)
    return match.span(1) if match else None


def why_not_sent(meaning: ParsedInput) -> str | None:
    """Return why a line cannot be sent, as a sentence; None if it can."""
    match meaning:
        case InputError(sentence):
            return sentence
        case SendMessage(text) if error := too_long("The message", text, MAX_TEXT):
            return f"{error.sentence} Split it."
    return None
