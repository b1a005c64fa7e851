"""Asks for a room and its password; a pasted /join line or link fills in both."""

from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Label

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.commands import parser
from chat_tui.model.address import Address, BadAddress, Invitation, Place, read_invitation
from chat_tui.ui.dialogs.dialog import AskingDialog
from chat_tui.ui.messages import Pasted
from chat_tui.ui.widgets.field import Field


class JoinRoom(AskingDialog[m.Joined | Invitation]):
    """Answers with the room that was joined, or with an invitation to another server."""

    def __init__(
        self, room: str = "", here: Place | None = None, *, password: str = "", problem: str = ""
    ) -> None:
        """`here` is the server that rooms are joined on; `problem` is with what is filled in."""
        super().__init__()
        self._here = here or Place(Address())
        self._elsewhere: Invitation | None = None
        self._room = Field("Room", "room", hint="kitchen, or paste a whole /join line or link")
        self._password = Field("Password", "password", secret=True, hint="as in k7qm-2vxh-9rtd")
        self._room.value, self._password.value = room, password
        self._refused = ("", "")
        if problem:
            self.refused(problem, "")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(Content("Join a room"), classes="heading", markup=False)
            yield self._room
            yield self._password
            yield Label(Content(), id="elsewhere", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(Content("Join"), id="submit", variant="primary", compact=True)
                yield Button(Content("Cancel"), id="cancel", compact=True)

    def on_mount(self) -> None:
        self._say_where()
        (self._password if self._room.value else self._room).take_focus()

    @on(Pasted)
    def fill_in(self, event: Pasted) -> None:
        """Take a whole invitation apart, wherever it was pasted."""
        event.stop()
        if (invitation := invitation_in(event.text)) is None:
            return
        self._room.value, self._password.value = invitation.room, invitation.password
        self._password.take_focus()
        here = not invitation.address.host or self._here.is_meant_by(invitation)
        self._elsewhere = None if here else invitation
        self._say_where()

    def _say_where(self) -> None:
        label = self.query_one("#elsewhere", Label)
        label.display = self._elsewhere is not None
        if self._elsewhere is not None:
            words = f"This room is on {self._elsewhere.address}. Enter leaves here and goes there."
            label.update(Content(clean_line(words)))

    @on(Input.Changed)
    def forget_problem(self) -> None:
        """What the server said is outdated; so is a link, once its room was changed."""
        if self._filled_in() != self._refused:
            self._password.problem = ""
        if self._elsewhere is not None and self._room.value != self._elsewhere.room:
            self._elsewhere = None
            self._say_where()

    @on(Button.Pressed, "#submit")
    @on(Input.Submitted)
    def submit(self) -> None:
        """Ask to be let in. Without a password that works for a room one is in already."""
        if self._elsewhere is not None:
            self.dismiss(replace(self._elsewhere, password=self._password.value.strip()))
            return
        if not self._room.value:
            self._room.take_focus()
            return
        if not self._password.value and not self._password.input.has_focus:
            self._password.take_focus()
            return
        password = self._password.value.strip()
        self.ask(m.Join(id=m.UNNUMBERED, room=self._room.value, password=password))

    def answered(self, reply: m.Reply) -> None:
        if isinstance(reply, m.Joined):
            self.dismiss(reply)

    def refused(self, sentence: str, code: str) -> None:
        self._refused = self._filled_in()
        self._password.problem = sentence

    def _filled_in(self) -> tuple[str, str]:
        return self._room.value, self._password.value


def invitation_in(text: str) -> Invitation | None:
    """Return what a `/join` line (without a server) or a link says, or None for anything else."""
    match parser.read(text):
        case parser.SendRequest(m.Join(room=room, password=password)):
            return Invitation(Address(), room, password)
    if not text.startswith("chat://"):
        return None
    try:
        invitation = read_invitation(text)
    except BadAddress:
        return None
    return invitation if invitation.room else None
