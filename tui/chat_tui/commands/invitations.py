"""The commands about invitations. Pure."""

from typing import Final

from chat_shared import messages as m
from chat_tui.commands.parsed_input import (
    HERE,
    Command,
    RunAction,
    SendRequest,
    without_arguments,
)

COMMANDS: Final = (
    Command(
        "invite",
        "",
        "Invite one person to this room",
        without_arguments(SendRequest(m.Invite(id=m.UNNUMBERED, room=HERE))),
    ),
    Command(
        "invitations",
        "",
        "Show unused invitations to this room, and revoke them",
        without_arguments(RunAction("room.invitations")),
    ),
)
