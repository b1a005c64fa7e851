"""Sends direct messages, also to people with whom there is no conversation yet."""

from chat_shared import messages as m
from chat_tui.commands.replies import OFFLINE
from chat_tui.ui.chat.composing import BRING_BACK
from chat_tui.ui.chat.requests import Requests
from chat_tui.ui.chat.room_view import RoomView


class DirectMessages:
    """Opens the direct message room with a person and posts there."""

    def __init__(self, view: RoomView, requests: Requests) -> None:
        self._view = view
        self._requests = requests

    def open(self, request: m.Direct) -> None:
        self._view.start(self._open(request))

    def send(self, name: str, text: str) -> None:
        """Send `text` to `name`; an existing conversation takes it also while offline."""
        room = self._view.state.rooms.with_peer(name)
        if room is None:
            self._view.start(self._open_and_send(name, text))
        else:
            self._view.open_room(room.name)
            self._requests.post(room.name, text)

    async def _open(self, request: m.Direct) -> None:
        if isinstance(joined := await self._requests.ask_or_explain(request), m.Joined):
            self._view.open_room(joined.room)

    async def _open_and_send(self, name: str, text: str) -> None:
        match await self._requests.ask(m.Direct(id=m.UNNUMBERED, name=name)):
            case m.Joined(room=room):
                self._view.open_room(room)
                self._requests.post(room, text)
            case m.Error(message=sentence):
                self._view.hint.say(f"{sentence}{BRING_BACK}")
            case _:
                self._view.hint.say(f"{OFFLINE}{BRING_BACK}")
