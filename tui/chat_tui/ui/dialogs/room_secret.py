"""Shows what opens a room, this once, with ways to pass it on: a password, or an invitation."""

from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center, Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Label

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.markup.times import read_time
from chat_tui.ui.dialogs.dialog import Dialog

COPIED = (
    "Sent to your terminal's clipboard (OSC 52). "
    "If it did not arrive, hold Shift and select it with the mouse."
)


Secret: TypeAlias = m.Created | m.RoomPassword | m.RoomInvite


@dataclass(frozen=True, slots=True)
class _Words:
    """What is said around a secret."""

    behind_the_room: str
    introduction: str
    name: str
    note: str


_SHOWN_ONCE: Final = "It is shown only now: the server keeps no readable copy."
_CREATED: Final = _Words(
    " is ready", "People enter it with this password:", "password", _SHOWN_ONCE
)
_RENEWED: Final = _Words(
    " has a new password",
    "The old one is void, and members stay. From now on people enter with this one:",
    "password",
    _SHOWN_ONCE,
)


class RoomSecret(Dialog[None]):
    """c copies the secret, j a line that lets a friend in, l a link that also leads here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy_secret", show=False),
        Binding("j", "copy_join", show=False),
        Binding("l", "copy_link", show=False),
    ]

    def __init__(self, reply: Secret, link: str = "") -> None:
        """Without a link, there is none that others could follow."""
        super().__init__()
        self._words = _words(reply)
        self._link = clean_line(link)
        self._secret = clean_line(secret_in(reply))
        self._room = clean_line(reply.room)

    @property
    def join_line(self) -> str:
        return f"/join {self._room} {self._secret}"

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(
                Content.assemble((self._room, "bold $accent"), self._words.behind_the_room),
                classes="heading",
                markup=False,
            )
            yield Label(Content(self._words.introduction), markup=False)
            with Center():
                yield Label(Content(self._secret), id="secret", markup=False)
            with Center():
                yield Label(Content.styled(self.join_line, "dim"), id="line", markup=False)
            if self._link:
                yield Label(Content.styled(self._link, "dim"), id="link", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(Content(f"c copy {self._words.name}"), id="copy-secret", compact=True)
                yield Button(Content("j copy /join line"), id="join", compact=True)
                if self._link:
                    yield Button(Content("l copy link"), id="copy-link", compact=True)
                yield Button(Content("Done"), id="done", variant="primary", compact=True)
            yield Label(
                Content(self._words.note),
                id="copied",
                classes="keys",
                markup=False,
            )

    def on_mount(self) -> None:
        self.query_one("#done").focus()

    @on(Button.Pressed, "#copy-secret")
    def action_copy_secret(self) -> None:
        self._copy(self._secret, f"The {self._words.name}")

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


def secret_in(reply: Secret) -> str:
    """Return what people enter with."""
    return reply.code if isinstance(reply, m.RoomInvite) else reply.password


def _words(reply: Secret) -> _Words:
    match reply:
        case m.Created():
            return _CREATED
        case m.RoomPassword():
            return _RENEWED
        case m.RoomInvite(expires=expires):
            end = f"{read_time(expires).astimezone():%Y-%m-%d %H:%M}"
            return _Words(
                ": an invitation",
                "One person enters with this code, in place of the password:",
                "code",
                f"It is shown only now, and works until {end}.",
            )
