"""Sends direct messages, also to people with whom there is no conversation yet."""

from chat_shared import messages as m
from chat_tui.ui.chat.requests import Requests
from chat_tui.ui.chat.room_view import RoomView


class DirectMessages:
    """Opens the direct message room with a person and posts there."""

    def __init__(self, view: RoomView, requests: Requests) -> None:
        self._view = view
        self._requests = requests

    def open(self, request: m.Direct, line: str = "") -> None:
        """Open a conversation; the typed `line` returns to the composer if that fails."""
        self._view.start(self._open(request, line))

    def send(self, name: str, text: str, line: str) -> None:
        """Send `text` to `name`; an existing conversation takes it also while offline."""
        room = self._view.state.rooms.with_peer(name)
        if room is None:
            self._view.start(self._open(m.Direct(id=m.UNNUMBERED, name=name), line, text))
        else:
            self._view.open_room(room.name)
            self._requests.post(room.name, text)

    async def _open(self, request: m.Direct, line: str, text: str = "") -> None:
        joined = await self._requests.ask_or_explain(request, line)
        if isinstance(joined, m.Joined):
            self._view.open_room(joined.room)
            if text:
                self._requests.post(joined.room, text)
