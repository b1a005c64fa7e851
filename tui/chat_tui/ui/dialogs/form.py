"""A form: fields, checks that need no server, a request, and the error beside its field."""

from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input

from chat_shared import messages as m
from chat_tui.ui.dialogs.dialog import Dialog, T, button, text
from chat_tui.ui.widgets.field import Field

_WAITING: Final = "Waiting for the server…"
_UNANSWERED: Final = "The server has not answered yet. Esc again closes this without its answer."


class FormDialog(Dialog[T]):
    """Asks for `fields` and sends `request`.

    While the reply has not come, it sends nothing else, and one Escape is not enough to close
    it: the reply may hold a password that is shown only once. Subclasses say what to check and
    to send, and what to do with the reply.
    """

    def __init__(
        self,
        title: str,
        *fields: Field,
        submit: str,
        explanation: str = "",
        note: str = "",
        destroys: bool = False,
    ) -> None:
        """A form that `destroys` something offers to cancel first; `note` is below the buttons."""
        super().__init__()
        self._heading = title
        self._fields = fields
        self._submit = submit
        self._explanation = explanation
        self._note = note
        self._status = text(note, "keys", id="progress")
        self._may_close = False  # although the server has not answered
        self._destroys = destroys
        self.set_class(destroys, "-destroys")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield text(self._heading, "heading")
            if self._explanation:
                yield text(self._explanation, "why")
            yield from self._fields
            yield from self.compose_below_fields()
            with Horizontal(classes="buttons"):
                yield from self._buttons()
            yield self._status

    def _buttons(self) -> tuple[Button, Button]:
        if self._destroys:
            return button("Cancel", "cancel", "primary"), button(self._submit, "submit", "error")
        return button(self._submit, "submit", "primary"), button("Cancel", "cancel")

    def on_mount(self) -> None:
        self._show_status(self._note)
        self.opened()

    def _show_status(self, sentence: str) -> None:
        self._status.update(Content(sentence))
        self._status.display = bool(sentence)

    def action_close(self) -> None:
        """Close, after a warning if the server has not answered yet."""
        if self.is_asking and not self._may_close:
            self._may_close = True
            self._show_status(_UNANSWERED)
        else:
            super().action_close()

    @on(Input.Changed)
    def _typed(self) -> None:
        self.forget_problems()

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.entered()

    @on(Button.Pressed, "#submit")
    def _pressed(self) -> None:
        self.submit()

    def submit(self) -> None:
        """Go to the first field that is empty or wrong, or ask the server."""
        empty = next((field for field in self._fields if not field.value), None)
        if empty is not None:
            empty.take_focus()
        elif wrong := self.check():
            self.say_at(*wrong)
        else:
            self.start_once(self.send())

    async def send(self) -> None:
        """Send the request and hand on the reply."""
        self._may_close = False
        self._show_status(_WAITING)
        reply = await self.ask(self.request())
        self._show_status(self._note)
        if isinstance(reply, m.Error):
            self.say_at(self.field_of(reply), reply.message)
        else:
            self.granted(reply)

    def say_at(self, field: Field, sentence: str) -> None:
        field.problem = sentence
        field.take_focus()

    # --- for subclasses

    def compose_below_fields(self) -> ComposeResult:
        yield from ()

    def opened(self) -> None:
        """The form is displayed; choose the field to start with."""
        self._fields[0].take_focus()

    def entered(self) -> None:
        """Enter was pressed in a field."""
        self.submit()

    def forget_problems(self) -> None:
        for field in self._fields:
            field.problem = ""

    def check(self) -> tuple[Field, str] | None:
        """Return a field whose value cannot be right, and why."""
        return None

    def request(self) -> m.Request:
        raise NotImplementedError

    def field_of(self, error: m.Error) -> Field:
        """Return the field that `error` is about."""
        return self._fields[0]

    def granted(self, reply: m.Reply) -> None:
        raise NotImplementedError
