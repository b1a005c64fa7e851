"""The commands about hooks, and the texts about them. Pure."""

from typing import Final

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.commands.audience import Audience
from chat_tui.commands.parsed_input import (
    HERE,
    Arguments,
    Command,
    ParsedInput,
    RunAction,
    SendRequest,
    without_arguments,
)
from chat_tui.markup.times import moment

NONE: Final = "No hooks. /hook NAME creates one, by which programs post to this room."
SHOWN_ONCE: Final = "Shown only once. Anyone who has this address can post to this room."
CERTIFICATE: Final = (
    "If curl refuses the server's certificate, add --cacert tls.crt (a file that its operator has)."
)
UNREACHABLE: Final = (
    "No program can reach it yet: this server has no pages for browsers. Its operator can add "
    "--listen https://HOST:7680."
)


def _read_hook(words: Arguments) -> ParsedInput | None:
    if len(words) != 1:
        return None
    return SendRequest(m.CreateHook(id=m.UNNUMBERED, room=HERE, name=words[0]))


COMMANDS: Final = (
    Command(
        "hook",
        "NAME",
        "Let a program post to this room: shows an address",
        _read_hook,
        audience=Audience.NO_GUESTS,
    ),
    Command(
        "hooks",
        "",
        "Show the hooks of this room, and remove them",
        without_arguments(RunAction("room.hooks")),
        audience=Audience.NO_GUESTS,
    ),
)


def address(hook: m.HookCreated) -> str:
    """Return where programs post; empty if the server has no place for that."""
    return clean_line(f"{hook.web}hook/{hook.code}") if hook.web else ""


def example(hook: m.HookCreated) -> str:
    """Return a line for a shell that posts by a new hook."""
    return f"curl -d 'done' {address(hook)}"


def details(hook: m.HookInfo) -> str:
    """Return who made a hook and when it was used, as the rest of a line."""
    used = f"last used {moment(hook.used)}" if hook.used else "not used yet"
    return clean_line(f"by {hook.by}, {moment(hook.created)}, {used}")
