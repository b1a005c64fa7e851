"""What people type at ssh, NAME@HOST COMMAND, and what it means here."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from chat_shared.errors import Refused
from chat_shared.links import GUEST, JOIN
from chat_shared.names import check_name, is_direct

DUMB: Final = ("", "dumb", "unknown")  # terminals that know no escape sequence

# An invitation code, or one for guests, instead of a name. Codes have no i, l, o and u.
_INVITATION: Final = re.compile(
    rf"({JOIN}|{GUEST})([0-9a-hjkmnp-tv-z]{{4}}(?:-[0-9a-hjkmnp-tv-z]{{4}}){{2}})", re.IGNORECASE
)

USAGE: Final = (
    "This is a chat, and no other commands run here. Use: ssh NAME@HOST, "
    "ssh -t NAME@HOST ROOM, ssh -t NAME@HOST plain [ROOM], or "
    "ssh NAME@HOST send ROOM < FILE."
)
_NEEDS_TERMINAL: Final = (
    "To open the room {0}, add -t: ssh -t NAME@HOST {0}. "
    "Without a terminal: ssh NAME@HOST plain {0}"
)


_NEEDS_INPUT: Final = "send takes its message from a file or a pipe: leave out -t."


class UnknownCommand(Exception):
    """The command means nothing here; the message says what does."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How somebody wants to chat."""

    view: Literal["screen", "plain", "send"]
    room: str = ""


def read_command(command: str, term: str | None) -> Wanted:
    """Return what `command` means at a terminal of the type `term`, or without one.

    A room named like one of the commands has to follow `plain`. Raises UnknownCommand.
    """
    has_screen = term is not None and term not in DUMB
    match command.split():
        case []:
            return Wanted("screen" if has_screen else "plain")
        case ["plain"]:
            return Wanted("plain")
        case ["plain", room]:
            return Wanted("plain", _room(room))
        case ["send", _] if term is not None:
            raise UnknownCommand(_NEEDS_INPUT)
        case ["send", room]:
            return Wanted("send", room if is_direct(room) else _room(room))
        case [room] if room != "send" and term is None:
            raise UnknownCommand(_NEEDS_TERMINAL.format(_room(room)))
        case [room] if room != "send":
            return Wanted("screen" if has_screen else "plain", _room(room))
    raise UnknownCommand(USAGE)


def read_user(user: str) -> tuple[str, str]:
    """Return the name in NAME@HOST, or `join-CODE` or `guest-CODE`; the other one is empty."""
    return ("", user.lower()) if _INVITATION.fullmatch(user) else (user, "")


def _room(name: str) -> str:
    try:
        return check_name(name)
    except Refused:
        raise UnknownCommand(USAGE) from None
