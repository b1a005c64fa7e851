"""Shows the password of a room, once, with ways to pass it on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center, Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.ui.dialogs.dialog import button, text
from chat_tui.ui.dialogs.shown_once import ShownOnce

Secret: TypeAlias = m.Created | m.RoomPassword


@dataclass(frozen=True, slots=True)
class _Words:
    """The texts around a secret."""

    after_room: str
    introduction: str


_SHOWN_ONCE: Final = "Shown only once: the server keeps no readable copy."
_CREATED: Final = _Words(" is ready", "Others join with this password:")
_RENEWED: Final = _Words(
    " has a new password",
    "The old password no longer works. Members stay; others join with the new one:",
)


class RoomSecret(ShownOnce):
    """c copies the password, j the /join line for it, l a link that names the server too."""

    KEYS: ClassVar[str] = "cjl"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy_secret", show=False),
        Binding("j", "copy_join", show=False),
        Binding("l", "copy_link", show=False),
    ]

    def __init__(self, reply: Secret, link: str = "") -> None:
        """`link` is empty where others could not follow one."""
        super().__init__()
        self._words = _CREATED if isinstance(reply, m.Created) else _RENEWED
        self._link = clean_line(link)
        self._secret = clean_line(reply.password)
        self._room = clean_line(reply.room)

    @property
    def join_line(self) -> str:
        return f"/join {self._room} {self._secret}"

    def compose(self) -> ComposeResult:
        heading = Content.assemble((self._room, "bold $accent"), self._words.after_room)
        with Vertical(classes="dialog"):
            yield text(heading, "heading")
            yield text(self._words.introduction)
            yield Center(text(self._secret, id="secret"))
            yield Center(text(Content.styled(self.join_line, "dim"), id="line"))
            if self._link:
                yield text(Content.styled(self._link, "dim"), id="link")
            with Horizontal(classes="buttons"):
                yield from self._buttons()
            yield self.status(_SHOWN_ONCE)

    def _buttons(self) -> Iterator[Button]:
        yield button("c copy password", "copy-secret")
        yield button("j copy /join line", "join")
        if self._link:
            yield button("l copy link", "copy-link")
        yield button("Done", "done", "primary")

    @on(Button.Pressed, "#copy-secret")
    def action_copy_secret(self) -> None:
        self.copy(self._secret, "Password")

    @on(Button.Pressed, "#join")
    def action_copy_join(self) -> None:
        self.copy(self.join_line, "/join line")

    @on(Button.Pressed, "#copy-link")
    def action_copy_link(self) -> None:
        if self._link:
            self.copy(self._link, "Link")
