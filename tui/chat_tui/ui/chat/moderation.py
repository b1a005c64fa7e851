"""What the owner of a room can do to it."""

from collections.abc import Coroutine
from typing import Final

from chat_shared import messages as m
from chat_tui.ui.chat.actions import Actions, no_argument
from chat_tui.ui.chat.requests import Requests
from chat_tui.ui.chat.room_secrets import show_secret
from chat_tui.ui.chat.room_view import RoomView

_UNOWNED: Final = "This room has no owner, so nobody can do that."


class Moderation:
    """Asks for confirmation, then the server, which decides. Kicks and the like ask nothing."""

    def __init__(self, view: RoomView, requests: Requests) -> None:
        self._view = view
        self._requests = requests

    def actions(self) -> Actions:
        return {
            "room.new_password": no_argument(self.reset_password),
            "room.hand_over": self.hand_over,
            "room.delete": no_argument(self.delete_open_room),
        }

    def reset_password(self) -> None:
        self._start_as_owner(self._reset_password(self._view.current))

    def hand_over(self, name: str) -> None:
        self._start_as_owner(self._hand_over(self._view.current, name))

    def delete_open_room(self) -> None:
        self._start_as_owner(self.delete_room(self._view.current))

    def show_audit(self, request: m.Audit) -> None:
        from chat_tui.ui.dialogs.audit import AuditList

        title = self._view.current_room().title
        self._view.app.push_screen(AuditList(request.room, title))

    async def delete_room(self, room: str) -> None:
        """Delete `room` once its name has been typed."""
        from chat_tui.ui.dialogs.delete_room import DeleteRoom

        if deleted := await self._view.app.push_screen_wait(DeleteRoom(room)):
            self._view.hint.tell(deleted)

    def _start_as_owner(self, action: Coroutine[object, object, None]) -> None:
        """Run `action` if the open room is ours; else say whose it is."""
        room = self._view.current_room()
        if self._view.state.is_me(room.owner):
            self._view.start(action)
            return
        action.close()
        owned = f"Only the room's owner, {room.owner}, can do that."
        self._view.hint.say(owned if room.owner else _UNOWNED)

    async def _reset_password(self, room: str) -> None:
        from chat_tui.ui.dialogs.confirm import Confirm

        question = f"Reset the password of {room}? The old one stops working. Members stay."
        if await self._view.app.push_screen_wait(Confirm(question, "Reset password")):
            request = m.NewPassword(id=m.UNNUMBERED, room=room)
            reply = await self._requests.ask_or_explain(request)
            if isinstance(reply, m.RoomPassword):
                show_secret(self._view, reply)

    async def _hand_over(self, room: str, name: str) -> None:
        from chat_tui.ui.dialogs.confirm import Confirm

        question = f"Make {name} the owner of {room}? Only {name} can hand it back."
        if await self._view.app.push_screen_wait(Confirm(question, "Hand over")):
            await self._requests.confirm(m.HandOver(id=m.UNNUMBERED, room=room, name=name))
