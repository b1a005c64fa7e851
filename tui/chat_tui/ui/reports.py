"""Asks the terminal how it can show pictures, takes what it reports, and lets it forget them."""

from abc import abstractmethod

from textual.app import App

from chat_tui.terminal.key_parser import Reported
from chat_tui.terminal.pictures.drawer import Drawer
from chat_tui.terminal.textual_internals import write_to_terminal


class Reports(App[None]):
    """An app whose `drawer` learns what the terminal can."""

    drawer: Drawer

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

    def leave_screen(self) -> None:
        write_to_terminal(self, self.drawer.forget_all())

    @abstractmethod
    def draw_pictures_anew(self) -> None:
        """Draw the pictures that are in view in another way, or on another terminal."""
