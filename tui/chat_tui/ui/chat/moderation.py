"""What the owner of a room does to it from the chat, and what the members see of that."""

from typing import TypeAlias

from textual import work

from chat_shared import messages as m
from chat_tui.ui.chat.room_view import RoomView

_Secret: TypeAlias = m.Created | m.RoomPassword | m.RoomInvite


class Owning(RoomView):
    """The part of the chat that owns rooms. Most of it is asked for by typed lines alone."""

    def _owns_this(self) -> bool:
        """Say whether the open room is ours; if not, also to the person."""
        room = self._room()
        if self._state.is_me(room.owner):
            return True
        owner = f": {room.owner}" if room.owner else ", and it has none"
        self._hint.say(f"Only the owner of this room may do that{owner}.")
        return False

    @work
    async def renew_password(self) -> None:
        from chat_tui.ui.dialogs.confirm import Confirm

        room = self._current
        question = f"Give {room} another password? The old one is void; who is in stays in."
        if self._owns_this() and await self.app.push_screen_wait(Confirm(question, "New password")):
            self.submit_request(m.NewPassword(id=m.UNNUMBERED, room=room))

    @work
    async def hand_over(self, name: str) -> None:
        from chat_tui.ui.dialogs.confirm import Confirm

        room = self._current
        question = f"Let {name} own {room}? You stay in it, and only {name} could give it back."
        if self._owns_this() and await self.app.push_screen_wait(Confirm(question, "Hand over")):
            self.submit_request(m.HandOver(id=m.UNNUMBERED, room=room, name=name))

    def show_audit(self, request: m.Audit) -> None:
        from chat_tui.ui.dialogs.audit import AuditList

        self.app.push_screen(AuditList(request.room, self._room().title))

    def show_secret(self, reply: _Secret) -> None:
        """Show what opens a room, this once."""
        from chat_tui.ui.dialogs.room_secret import RoomSecret, secret_in

        link = self._place.link_to(reply.room, secret_in(reply))
        self.app.push_screen(RoomSecret(reply, link))
