"""Writing to one person: the room of two with them is opened, and something said there; or not."""

from collections.abc import Mapping

from chat_shared import messages as m
from chat_tui.model.state import ChatState
from chat_tui.ui.chat.asking import Asking
from chat_tui.ui.messages import Answered, PostRequested


class Addressing(Asking):
    """The part of the chat that writes to one person alone."""

    def __init__(self, state: ChatState, keys: Mapping[str, str]) -> None:
        super().__init__(state, keys)
        self._to_say: list[tuple[m.Request, str]] = []  # once the room is open that was asked for

    def say_to(self, name: str, text: str) -> None:
        """Say `text` to `name`; where there is a room of two already, also while offline."""
        room = self._state.rooms.with_peer(name)
        if room is not None:
            self.open_room(room.name)
            self.post_message(PostRequested(room.name, text))
            return
        request = m.Direct(id=m.UNNUMBERED, name=name)
        self._to_say.append((request, text))
        self._ask_for_line(request)

    def on_answered(self, event: Answered) -> None:  # beside the view's: Textual calls both
        texts = [text for request, text in self._to_say if request is event.request]
        self._to_say = [entry for entry in self._to_say if entry[0] is not event.request]
        if not texts:
            return
        if isinstance(event.reply, m.Joined):
            self.post_message(PostRequested(event.reply.room, texts[0]))

    def _waits_to_say(self, request: m.Request) -> bool:
        """Say whether something is to be said once `request` is granted."""
        return any(entry[0] is request for entry in self._to_say)
