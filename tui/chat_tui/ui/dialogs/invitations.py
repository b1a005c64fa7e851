"""The unused invitations to a room, and a way to revoke one."""

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.markup.times import moment
from chat_tui.ui.dialogs.entries import Entries

_ADVICE: Final = "Enter: revoke the selected invitation · Esc: close"
_NONE: Final = "No unused invitations. /invite creates one."


class InvitationsList(Entries[m.InvitationInfo]):
    """Enter revokes the selected invitation; Escape closes."""

    def __init__(self, room: str, title: str) -> None:
        super().__init__(
            f"Unused invitations to {clean_line(title)}", _ADVICE, "Revoke", none=_NONE
        )
        self._room = room

    def request(self) -> m.Request:
        return m.Invitations(id=m.UNNUMBERED, room=self._room)

    def read(self, reply: m.Reply) -> Sequence[m.InvitationInfo]:
        return reply.invitations if isinstance(reply, m.InvitationList) else []

    def row(self, entry: m.InvitationInfo) -> Content:
        times = f" · created {moment(entry.created)} · valid until {moment(entry.expires)}"
        kind = " · for guests" if entry.guests else ""
        return Content.assemble((clean_line(entry.by), "bold"), kind, times)

    def remove_entry(self, entry: m.InvitationInfo) -> None:
        number = entry.invitation
        request = m.RevokeInvitation(id=m.UNNUMBERED, room=self._room, invitation=number)
        self.start_once(self.remove_by(request, f"Revoked the invitation by {entry.by}."))
