"""The commands about invitations. Pure."""

from typing import Final

from chat_shared import messages as m
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


def _read_invite(words: Arguments) -> ParsedInput | None:
    if not words:
        return SendRequest(m.Invite(id=m.UNNUMBERED, room=HERE))
    guests = len(words) == 1 and words[0].lower() in ("guest", "guests")
    return SendRequest(m.InviteGuests(id=m.UNNUMBERED, room=HERE)) if guests else None


COMMANDS: Final = (
    Command(
        "invite",
        "[guests]",
        "Invite one person to this room, or guests, by a link for several",
        _read_invite,
        audience=Audience.NO_GUESTS,
    ),
    Command(
        "invitations",
        "",
        "Show unused invitations to this room, and revoke them",
        without_arguments(RunAction("room.invitations")),
        audience=Audience.NO_GUESTS,
    ),
)
