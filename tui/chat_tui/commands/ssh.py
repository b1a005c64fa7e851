"""What people type at ssh, NAME@HOST COMMAND, and what it means here."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from chat_shared.errors import Refused
from chat_shared.names import check_name

# An invitation code instead of a name. Codes have no i, l, o and u.
_INVITATION: Final = re.compile(
    r"join-([0-9a-hjkmnp-tv-z]{4}(?:-[0-9a-hjkmnp-tv-z]{4}){2})", re.IGNORECASE
)

USAGE: Final = (
    "This is a chat, and no other commands run here. Use: ssh NAME@HOST, "
    "ssh -t NAME@HOST ROOM, ssh -t NAME@HOST plain [ROOM], or "
    "ssh NAME@HOST send ROOM < FILE."
)
_NEEDS_TERMINAL: Final = (
    "To open {0} on the full screen, add -t: ssh -t NAME@HOST {0}. "
    "Without a terminal: ssh NAME@HOST plain {0}"
)


class UnknownCommand(Exception):
    """The command means nothing here; the message says what does."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How somebody wants to chat."""

    view: Literal["screen", "plain", "send"]
    room: str = ""


def read_command(command: str, *, on_screen: bool) -> Wanted:
    """Return what `command` means; `on_screen` if a full screen can be drawn.

    A room named like one of the commands has to follow `plain`. Raises UnknownCommand.
    """
    match command.split():
        case []:
            return Wanted("screen" if on_screen else "plain")
        case ["plain"]:
            return Wanted("plain")
        case ["plain", room]:
            return Wanted("plain", _room(room))
        case [room] if room != "send":
            return Wanted("screen", _on_screen(_room(room), on_screen=on_screen))
    raise UnknownCommand(USAGE)


def read_user(user: str) -> tuple[str, str]:
    """Return the name and the invitation code in NAME@HOST or join-CODE@HOST; one is empty."""
    if (invitation := _INVITATION.fullmatch(user)) is not None:
        return "", invitation[1].lower()
    return user, ""


def _room(name: str) -> str:
    try:
        return check_name(name)
    except Refused:
        raise UnknownCommand(USAGE) from None


def _on_screen(room: str, *, on_screen: bool) -> str:
    if not on_screen:
        raise UnknownCommand(_NEEDS_TERMINAL.format(room))
    return room
