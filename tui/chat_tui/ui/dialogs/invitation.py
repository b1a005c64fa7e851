"""Shows a new invitation, once: what an invited person types or opens, and keys to copy each."""

from collections.abc import Iterator
from typing import ClassVar, Final, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Label

from chat_shared import messages as m
from chat_shared.limits import GENERAL
from chat_shared.text import clean_line
from chat_tui.commands import guests_text
from chat_tui.markup.times import moment
from chat_tui.model.address import Place
from chat_tui.model.invitation_lines import InvitationLines, lines_of
from chat_tui.ui.dialogs.dialog import button, text
from chat_tui.ui.dialogs.shown_once import ShownOnce
from chat_tui.ui.widgets.qr_code import QrCode

_KEYS: Final = "The letter before a line copies it."

_SHOW_CODE: Final = "q QR code"
_SHOW_LINES: Final = "q Lines"

_ONCE: Final = "Shown only once."
_NEEDS_ACCOUNT: Final = " who has an account here"

# Cells around a QR code that is alone: the frame of the dialog, and its buttons.
_FRAME_COLUMNS: Final = 4
_FRAME_LINES: Final = 4
_BESIDE: Final = 78  # columns of the lines to the left of it


class _Way(NamedTuple):
    """A line of the invitation, with the key that copies it."""

    key: str
    label: str
    line: str
    note: str = ""


class NewInvitation(ShownOnce):
    """The letter before each line copies it; q shows the QR code in place of the lines."""

    KEYS: ClassVar[str] = "bsltjcq"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "copy('web', 'Link')", show=False),
        Binding("s", "copy('ssh', 'ssh line')", show=False),
        Binding("t", "copy('chat_tui', 'chat-tui line')", show=False),
        Binding("l", "copy('link', 'Link')", show=False),
        Binding("j", "copy('join', '/join line')", show=False),
        Binding("c", "copy('code', 'Code')", show=False),
        Binding("q", "toggle_code", show=False),
    ]

    def __init__(self, invite: m.RoomInvite, place: Place) -> None:
        super().__init__()
        self._lines = lines_of(invite, place)
        to = "this server" if invite.room == GENERAL else clean_line(invite.room)
        what = "Link for guests to " if invite.guests else "Invitation to "
        self._heading = Content.assemble(what, (to, "bold $accent"))
        self._introduction = _introduction(invite)
        self._code = QrCode(self._lines.qr, id="qr") if self._lines.qr else None
        self._shows_code = False  # in place of the lines

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield text(self._heading, "heading")
            with Horizontal(id="invitation"):
                with Vertical(id="lines"):
                    yield text(self._introduction)
                    for way in _ways(self._lines):
                        yield from _labels(way)
                if self._code is not None:
                    yield self._code
            with Horizontal(classes="buttons"):
                yield button(_SHOW_CODE, "toggle")
                yield button("Done", "done", "primary")
            yield self.status(_KEYS)

    def on_mount(self) -> None:  # after that of ShownOnce: Textual calls both
        self._arrange()

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """Show the QR code beside the lines, in place of them, or not at all, as it fits."""
        left = self._columns_left()
        fits, beside = left >= 0, left >= _BESIDE
        alone = fits and not beside and self._shows_code
        self.set_class(beside, "-beside")
        self.set_class(alone, "-alone")
        if self._code is not None:
            self._code.display = beside or alone
        self.query_one("#lines").display = not alone
        toggle = self.query_one("#toggle", Button)
        toggle.label = _SHOW_LINES if alone else _SHOW_CODE
        toggle.display = fits and not beside

    def _columns_left(self) -> int:
        """Return how many columns of the screen the QR code leaves; -1 if it does not fit."""
        if self._code is None or self.size.height < self._code.lines + _FRAME_LINES:
            return -1
        return max(-1, self.size.width - self._code.columns - _FRAME_COLUMNS)

    @on(Button.Pressed, "#toggle")
    def action_toggle_code(self) -> None:
        self._shows_code = not self._shows_code
        self._arrange()

    def action_copy(self, line: str, what: str) -> None:
        if copied := getattr(self._lines, line):
            self.copy(copied, what)


def _introduction(invite: m.RoomInvite) -> str:
    if invite.guests:
        return f"{guests_text.meant_for(invite.guests)}, until {moment(invite.expires)}. {_ONCE}"
    condition = "" if invite.registers else _NEEDS_ACCOUNT
    return f"For one person{condition}, until {moment(invite.expires)}. {_ONCE}"


def _ways(lines: InvitationLines) -> Iterator[_Way]:
    """Yield the lines there are, from what needs least to what needs an account."""
    if lines.web:
        yield _Way("b", "in a browser:", lines.web)
    if lines.ssh:
        key = f"Host key: {lines.ssh_key}" if lines.ssh_key else ""
        yield _Way("s", "with nothing but ssh:", lines.ssh, key)
    if lines.chat_tui:
        yield _Way("t", "with chat-tui (l copies the link alone):", lines.chat_tui)
    if lines.join:
        yield _Way("j", "with an account here (c copies the code alone):", lines.join)
    else:
        yield _Way("c", "the code:", lines.code)


def _labels(way: _Way) -> Iterator[Label]:
    yield text(Content.assemble((f"{way.key} ", "bold $accent"), way.label), "way")
    yield text(way.line, "way-line")
    if way.note:
        yield text(Content.styled(way.note, "dim"))
