"""Shows the password of a new room, this once, with ways to pass it on."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center, Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Label

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.screens.dialog import Dialog

COPIED = (
    "Sent to your terminal's clipboard (OSC 52). "
    "If it did not arrive, hold Shift and select it with the mouse."
)


class RoomCreated(Dialog[None]):
    """c copies the password, j a line that lets a friend in, l a link that also leads here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy_password", show=False),
        Binding("j", "copy_join", show=False),
        Binding("l", "copy_link", show=False),
    ]

    def __init__(self, created: m.Created, link: str = "") -> None:
        """Without a link, there is none that others could follow."""
        super().__init__()
        self._link = clean_line(link)
        self._password = clean_line(created.password)
        self._room = clean_line(created.room)

    @property
    def join_line(self) -> str:
        return f"/join {self._room} {self._password}"

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(
                Content.assemble((self._room, "bold $accent"), " is ready"),
                classes="heading",
                markup=False,
            )
            yield Label(Content("People enter it with this password:"), markup=False)
            with Center():
                yield Label(Content(self._password), id="secret", markup=False)
            with Center():
                yield Label(Content.styled(self.join_line, "dim"), id="line", markup=False)
            if self._link:
                yield Label(Content.styled(self._link, "dim"), id="link", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(Content("c copy password"), id="password", compact=True)
                yield Button(Content("j copy /join line"), id="join", compact=True)
                if self._link:
                    yield Button(Content("l copy link"), id="copy-link", compact=True)
                yield Button(Content("Done"), id="done", variant="primary", compact=True)
            yield Label(
                Content("It is shown only now: the server keeps no readable copy."),
                id="copied",
                classes="keys",
                markup=False,
            )

    def on_mount(self) -> None:
        self.query_one("#done").focus()

    @on(Button.Pressed, "#password")
    def action_copy_password(self) -> None:
        self._copy(self._password, "The password")

    @on(Button.Pressed, "#join")
    def action_copy_join(self) -> None:
        self._copy(self.join_line, "The /join line")

    @on(Button.Pressed, "#copy-link")
    def action_copy_link(self) -> None:
        if self._link:
            self._copy(self._link, "The link")

    def _copy(self, text: str, what: str) -> None:
        self.app.copy_to_clipboard(text)
        self.query_one("#copied", Label).update(Content(f"✓ {what} is copied. {COPIED}"))

    @on(Button.Pressed, "#done")
    def done(self) -> None:
        self.action_close()
