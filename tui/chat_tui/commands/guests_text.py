"""Sentences about guests, and to them. Pure."""

from datetime import datetime, tzinfo
from typing import Final

from chat_tui.commands.durations import until

# Behind the name, in words: not everyone sees colors, or the screen.
MARK: Final = " (guest)"

CAN_RETURN: Final = (
    "A guest can come again by the same link, under another name: /invitations revokes it."
)
CAN_KEEP: Final = "/keep makes this account yours."
NOT_BY_GUESTS: Final = f"Guests can't do that. {CAN_KEEP}"
NO_GUEST: Final = "You're no guest: this account is yours already."
KEPT: Final = "This account is yours now. Log in with its name and password."


def meant_for(number: int) -> str:
    """Return for whom a link is that lets in so many guests."""
    return f"For anyone who has it, {number:,} at a time: a name is enough, and they stay for a day"


def staying(end: str, now: datetime, zone: tzinfo | None = None, *, returns: bool = False) -> str:
    """Return until when we are a guest, and how to stay.

    `returns` says that our log-in is kept: otherwise nothing proves later who we were.
    """
    at_most = "" if returns else ", or until this chat is closed"
    return f"You're a guest {until(end, now, zone)}{at_most}. {CAN_KEEP}"


def exit_question(room: str) -> str:
    """Return what to confirm before a guest leaves the only room there is for them."""
    return f"Leave {room}? Your guest account ends, and what you wrote stays."
