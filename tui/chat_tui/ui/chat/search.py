"""Finds messages: by a search, and those that mention us."""

from collections.abc import Mapping

from chat_shared import messages as m
from chat_tui.commands import search_query
from chat_tui.ui.chat.actions import Actions, no_argument
from chat_tui.ui.chat.navigation import Navigation
from chat_tui.ui.chat.room_view import RoomView


class MessageSearch:
    """Opens the dialogs that find messages, and goes to the chosen one."""

    def __init__(self, view: RoomView, navigation: Navigation, keys: Mapping[str, str]) -> None:
        self._view = view
        self._navigation = navigation
        self._keys = keys
        self._last = ("", False)  # the last query, and whether it covered all rooms

    def actions(self) -> Actions:
        return {
            "search": no_argument(self.search_again),
            "mentions": no_argument(self.show_mentions),
        }

    def search_again(self) -> None:
        """Open the search with its last query, whose other hits may be wanted."""
        self._view.start(self._search(*self._last))

    def search(self, request: m.Search) -> None:
        """Search for what a typed command says."""
        self._view.start(self._search(search_query.write(request)))

    def show_mentions(self) -> None:
        self._view.start(self._choose_mention())

    async def _search(self, query: str, everywhere: bool = False) -> None:
        from chat_tui.ui.dialogs.search import Search

        view = self._view
        dialog = Search(view.state, view.current, self._keys, query, everywhere=everywhere)
        hit = await view.app.push_screen_wait(dialog)
        self._last = dialog.line, dialog.everywhere
        self._go_to(hit)

    async def _choose_mention(self) -> None:
        from chat_tui.ui.dialogs.mentions import Mentions

        hit = await self._view.app.push_screen_wait(Mentions(self._view.state))
        self._go_to(hit)

    def _go_to(self, hit: m.Hit | None) -> None:
        if hit is not None:
            self._navigation.go_to(hit.room, hit.seq, select=True)
