"""The base of all dialogs: a box over the chat that Escape closes and that may ask the server."""

from collections.abc import Coroutine
from typing import ClassVar, Final, Literal, TypeVar, cast

from textual import events, on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label
from textual.worker import Worker

from chat_shared import messages as m
from chat_tui.commands.replies import OFFLINE
from chat_tui.ui.server import Server
from chat_tui.ui.widgets.field import FOCUS_AT_ONCE

T = TypeVar("T")

LOST: Final = "connection_lost"  # the code of an error that was not sent by a server


class Dialog(ModalScreen[T]):
    """Returns its result, or None if it is closed without one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        *FOCUS_AT_ONCE,
    ]

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (74, "-normal")]  # noqa: RUF012 - as Textual has it
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (24, "-short"), (28, "-high")]  # noqa: RUF012

    _asking: Worker[None] | None = None

    def action_close(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#cancel")
    def cancel(self) -> None:
        self.action_close()

    def on_paste(self, event: events.Paste) -> None:
        """Paste where a text can go: into the first field, else into what is below."""
        event.stop()
        field = next((field for field in self.query(Input) if field.focusable), None)
        if field is not None:
            self.set_focus(field)
        below = self.app.screen_stack[-2]
        (field or below).post_message(events.Paste(event.text))

    async def ask(self, request: m.Request) -> m.Reply:
        """Return the server's reply, or an error with code LOST if the connection was lost."""
        reply = await cast("Server", self.app).ask(request)
        return m.Error(LOST, OFFLINE) if reply is None else reply

    def start_once(self, asking: Coroutine[object, object, None]) -> None:
        """Run `asking`, unless an earlier one still waits for the server.

        For requests that change something: a second Enter on a slow connection must not ask
        again, and even less give up the reply to the first.
        """
        if self.is_asking:
            asking.close()
        else:
            self._asking = self.run_worker(asking, group="asking")

    @property
    def is_asking(self) -> bool:
        """Return whether what was started once is unfinished."""
        return self._asking is not None and not self._asking.is_finished

    def start(self, asking: Coroutine[object, object, None]) -> None:
        """Run `asking`. The next one replaces it, and closing the dialog cancels it."""
        self.run_worker(asking, group="asking", exclusive=True)


def text(words: str | Content, classes: str = "", *, id: str | None = None) -> Label:
    """Return a paragraph of a dialog. `words` may not hold control characters."""
    content = words if isinstance(words, Content) else Content(words)
    return Label(content, id=id, classes=classes, markup=False)


def button(
    label: str, id: str, variant: Literal["default", "primary", "error"] = "default"
) -> Button:
    """Return a button: the main one of a dialog is `primary`, one that destroys is `error`."""
    return Button(Content(label), id=id, variant=variant, compact=True)
