"""Hooks of the open room: creating one, and the list of those there are."""

from chat_shared import messages as m
from chat_tui.ui.chat.actions import Actions, no_argument
from chat_tui.ui.chat.requests import Requests
from chat_tui.ui.chat.room_view import RoomView


class Hooks:
    """The server decides who may; dialogs show what it grants."""

    def __init__(self, view: RoomView, requests: Requests) -> None:
        self._view = view
        self._requests = requests

    def actions(self) -> Actions:
        return {"room.hooks": no_argument(self.show)}

    def create(self, request: m.CreateHook, line: str) -> None:
        """Create a hook; the typed `line` returns to the composer if that fails."""
        self._view.start(self._create(request, line))

    def show(self) -> None:
        from chat_tui.ui.dialogs.hooks import HooksList

        room = self._view.current_room()
        self._view.app.push_screen(HooksList(room.name, room.title))

    async def _create(self, request: m.CreateHook, line: str) -> None:
        from chat_tui.ui.dialogs.new_hook import NewHook

        reply = await self._requests.ask_or_explain(request, line)
        if isinstance(reply, m.HookCreated):
            self._view.app.push_screen(NewHook(reply))
