"""Writing to one person: the room of two with them is opened, and something said there; or not."""

from chat_shared import messages as m
from chat_tui.commands.replies import OFFLINE
from chat_tui.ui.chat.composing import BRING_BACK
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.messages import PostRequested


class Addressing(RoomView):
    """The part of the chat that writes to one person alone."""

    def say_to(self, name: str, text: str) -> None:
        """Say `text` to `name`; where there is a room of two already, also while offline."""
        room = self._state.rooms.with_peer(name)
        if room is not None:
            self.open_room(room.name)
            self.post_message(PostRequested(room.name, text))
            return
        self.run_worker(self._open_and_send(name, text))

    async def _open_and_send(self, name: str, text: str) -> None:
        match await self.ask(m.Direct(id=m.UNNUMBERED, name=name)):
            case m.Joined(room=room):
                self.open_room(room)
                self.post_message(PostRequested(room, text))
            case m.Error(message=sentence):
                self._hint.say(f"{sentence}{BRING_BACK}")
            case _:
                self._hint.say(f"{OFFLINE}{BRING_BACK}")
