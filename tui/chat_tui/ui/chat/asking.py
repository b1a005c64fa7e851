"""Asking for what a typed line wants; dialogs hear the answers to their own requests."""

from collections.abc import Mapping

from chat_shared import messages as m
from chat_tui.model.state import ChatState
from chat_tui.ui.chat.room_view import RoomView


class Asking(RoomView):
    """The part of the chat that knows which requests came from typed lines."""

    def __init__(self, state: ChatState, keys: Mapping[str, str]) -> None:
        super().__init__(state, keys)
        self._asked: list[m.Request] = []  # and not answered yet

    def _ask_for_line(self, request: m.Request) -> None:
        """Ask for what a typed line wants; what is refused is said there."""
        self._asked.append(request)
        self._ask(request)
