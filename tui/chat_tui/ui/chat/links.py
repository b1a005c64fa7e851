"""Opens the links of messages in a browser; without one, copies them."""

import os
import sys
from collections.abc import Sequence

from chat_shared.text import clean_line
from chat_tui.terminal.browser import open_link
from chat_tui.ui.chat.room_view import RoomView


class Links:
    """Starting a browser may take seconds: that happens in a thread."""

    def __init__(self, view: RoomView) -> None:
        self._view = view

    def open_one(self, urls: Sequence[str]) -> None:
        """Open the only link of a message, or the chosen one."""
        if not urls:
            self._view.hint.say("No link in this message.")
        elif len(urls) == 1:
            self.open(urls[0])
        else:
            self._view.start(self._choose(urls))

    def open(self, url: str) -> None:
        self._view.run_worker(lambda: self._open(url), thread=True)

    async def _choose(self, urls: Sequence[str]) -> None:
        from chat_tui.ui.dialogs.pick_link import PickLink

        if url := await self._view.app.push_screen_wait(PickLink(urls)):
            self.open(url)

    def _open(self, url: str) -> None:
        has_browser = self._view.premises.has_programs
        opened = has_browser and open_link(url, os.environ, sys.platform)
        self._view.app.call_from_thread(self._show_outcome, url, opened)

    def _show_outcome(self, url: str, opened: bool) -> None:
        if opened:
            self._view.hint.tell(f"Opened {clean_line(url)}")
        else:
            self._view.app.copy_to_clipboard(url)
            self._view.hint.tell(f"No browser here. Link copied: {clean_line(url)}")
