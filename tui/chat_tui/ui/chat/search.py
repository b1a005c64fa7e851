"""Finding messages in the chat: a search, and what called one by name."""

from collections.abc import Mapping
from typing import ClassVar

from textual import work
from textual.binding import BindingType

from chat_shared import messages as m
from chat_tui.commands import search_query
from chat_tui.model.state import ChatState
from chat_tui.ui.bindings import bindings
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.messages import GoTo


class Finding(RoomView):
    """Opens what finds, and goes to what was chosen there."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("search", "mentions")]

    def __init__(self, state: ChatState, keys: Mapping[str, str]) -> None:
        super().__init__(state, keys)
        self._keys = keys
        self._last_search = ("", False)  # the line, and whether it was looked for everywhere

    def action_search(self) -> None:
        """Search again for what was searched for last: its other hits may be wanted."""
        self.search_for(*self._last_search)

    def search(self, request: m.Search) -> None:
        """Search for what a typed line says."""
        self.search_for(search_query.write(request))

    @work
    async def search_for(self, line: str, everywhere: bool = False) -> None:
        from chat_tui.ui.dialogs.search import Search

        dialog = Search(self._state, self._current, self._keys, line, everywhere=everywhere)
        hit = await self.app.push_screen_wait(dialog)
        self._last_search = dialog.line, dialog.everywhere
        self._go_to_hit(hit)

    @work
    async def action_mentions(self) -> None:
        from chat_tui.ui.dialogs.mentions import Mentions

        hit = await self.app.push_screen_wait(Mentions(self._state))
        self._go_to_hit(hit)

    def _go_to_hit(self, hit: m.Hit | None) -> None:
        if hit is not None:
            self.post_message(GoTo(hit.room, hit.seq))
