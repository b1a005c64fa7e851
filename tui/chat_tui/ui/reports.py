"""Asks the terminal how it can show pictures, takes what it reports, and keeps them up to date."""

from abc import abstractmethod
from typing import Final

from textual.app import App
from textual.timer import Timer

from chat_tui.terminal.key_parser import Reported
from chat_tui.terminal.pictures.drawer import Drawer
from chat_tui.terminal.pictures.kitty import NEXT_FRAME
from chat_tui.terminal.textual_internals import write_to_terminal

# Seconds after which a terminal has shown an update, also a busy one.
_SHOWN: Final = 0.3


class Reports(App[None]):
    """An app whose `drawer` learns what the terminal can."""

    drawer: Drawer
    _asking: Timer | None = None

    def on_mount(self) -> None:
        self.ask_terminal()

    def ask_terminal(self) -> None:
        """Ask a terminal of which nothing is known."""
        write_to_terminal(self, self.drawer.begin())

    def on_reported(self, event: Reported) -> None:
        """Learn what the terminal can, and draw pictures accordingly."""
        before = self.drawer.ways.log
        write_to_terminal(self, self.drawer.learn(event.report))
        if self.drawer.ways.log != before:
            self.draw_pictures_anew()

    def update_drawn(self) -> None:
        """Ask for another frame when the last update has been shown, if it may lack pictures."""
        if self._asking is not None:
            self._asking.stop()
            self._asking = None
        if self.drawer.has_kept:
            self._asking = self.set_timer(_SHOWN, self._ask_for_next_frame)

    def _ask_for_next_frame(self) -> None:
        write_to_terminal(self, NEXT_FRAME)

    def leave_screen(self) -> None:
        write_to_terminal(self, self.drawer.forget_all())

    @abstractmethod
    def draw_pictures_anew(self) -> None:
        """Draw the pictures that are in view in another way, or on another terminal."""
