"""Invitations to the open room: creating one, and the list of those that are unused."""

from chat_shared import messages as m
from chat_tui.ui.chat.actions import Actions, no_argument
from chat_tui.ui.chat.requests import Requests
from chat_tui.ui.chat.room_view import RoomView


class Invitations:
    """The server decides who may; dialogs show what it grants."""

    def __init__(self, view: RoomView, requests: Requests) -> None:
        self._view = view
        self._requests = requests

    def actions(self) -> Actions:
        return {"room.invitations": no_argument(self.show_unused)}

    def invite(self, request: m.Invite | m.InviteGuests, line: str) -> None:
        """Create an invitation; the typed `line` returns to the composer if that fails."""
        self._view.start(self._invite(request, line))

    def show_unused(self) -> None:
        from chat_tui.ui.dialogs.invitations import InvitationsList

        room = self._view.current_room()
        self._view.app.push_screen(InvitationsList(room.name, room.title))

    async def _invite(self, request: m.Invite | m.InviteGuests, line: str) -> None:
        from chat_tui.ui.dialogs.invitation import NewInvitation

        reply = await self._requests.ask_or_explain(request, line)
        if isinstance(reply, m.RoomInvite):
            self._view.app.push_screen(NewInvitation(reply, self._view.place))
