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
NO_GUEST: Final = "You're no guest: this account is yours already."
KEPT: Final = "This account is yours now. Log in with its name and password."


def meant_for(number: int) -> str:
    """Return for whom a link is that lets in so many guests."""
    return f"For anyone who has it, {number:,} at a time: a name is enough, and they stay for a day"


def staying(end: str, now: datetime, zone: tzinfo | None = None) -> str:
    """Return until when we are a guest, and how to stay."""
    return f"You're a guest {until(end, now, zone)}. {CAN_KEEP}"
