"""What the controller expects of whatever shows the chat."""

from collections.abc import Coroutine, Sequence
from typing import Protocol

from chat_shared import messages as m
from chat_tui.controller.page import Page
from chat_tui.model.changes import Change
from chat_tui.net.events import Answer, ConnectionEvent


class FrontEnd(Protocol):
    """A full screen or a console. None of these may wait."""

    page: Page | None
    """The page that shows it, in a browser."""

    def show_changes(
        self, changes: Sequence[Change], items: Sequence[Answer | m.Event] = ()
    ) -> None:
        """Show what changed in the state, which has it already; `items` are what it came from."""

    def show_event(self, event: ConnectionEvent) -> None:
        """Show what happened to the connection or the session."""

    def start(self, coroutine: Coroutine[object, object, None]) -> None:
        """Run `coroutine`, at most as long as there is something to show it with."""

    def warn(self, sentence: str) -> None:
        """Show a sentence, not yet cleaned, that needs no answer."""
