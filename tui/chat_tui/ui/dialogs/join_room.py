"""Asks for a room and its password; a pasted /join line or link fills in both."""

from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Label

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.commands import parser
from chat_tui.model.address import Address, BadAddress, Invitation, Place, read_invitation
from chat_tui.ui.dialogs.dialog import text
from chat_tui.ui.dialogs.form import FormDialog
from chat_tui.ui.messages import Pasted
from chat_tui.ui.widgets.field import Field


class JoinRoom(FormDialog[m.Joined | Invitation]):
    """Returns the room that was joined, or an invitation to another server."""

    def __init__(
        self, room: str = "", here: Place | None = None, *, password: str = "", problem: str = ""
    ) -> None:
        """`here` is the connected server; `problem` is what is wrong with the given values."""
        self._here = here or Place(Address())
        self._elsewhere: Invitation | None = None
        self._room = Field("Room", "room", hint="kitchen, or paste a /join line or a link")
        self._password = Field("Password", "password", secret=True, hint="such as k7qm-2vxh-9rtd")
        super().__init__("Join a room", self._room, self._password, submit="Join")
        self._room.value, self._password.value = room, password
        self._refused = ("", "")
        if problem:
            self._say_refused(problem)

    def compose_below_fields(self) -> ComposeResult:
        yield text("", id="elsewhere")

    def opened(self) -> None:
        self._show_elsewhere()
        (self._password if self._room.value else self._room).take_focus()

    @on(Pasted)
    def fill_in(self, event: Pasted) -> None:
        """Take an invitation apart, whichever field it was pasted into."""
        event.stop()
        if (invitation := invitation_in(event.text)) is None:
            return
        self._room.value = invitation.room
        self._password.value = invitation.password or invitation.code
        self._password.take_focus()
        here = not invitation.address.host or self._here.is_meant_by(invitation)
        self._elsewhere = None if here else invitation
        self._show_elsewhere()

    def _show_elsewhere(self) -> None:
        label = self.query_one("#elsewhere", Label)
        label.display = self._elsewhere is not None
        if self._elsewhere is not None:
            server = self._elsewhere.address
            words = (
                f"This room is on {server}. Press Enter to disconnect from here and connect there."
            )
            label.update(Content(clean_line(words)))

    def forget_problems(self) -> None:
        """Drop the server's error once a value changes, and a link once its room does."""
        if self._filled_in() != self._refused:
            self._password.problem = ""
        if self._elsewhere is not None and self._room.value != self._elsewhere.room:
            self._elsewhere = None
            self._show_elsewhere()

    def submit(self) -> None:
        """Join. The password may stay empty: a member needs none."""
        if self._elsewhere is not None:
            self.dismiss(self._with_typed_password(self._elsewhere))
        elif not self._room.value:
            self._room.take_focus()
        elif not self._password.value and not self._password.input.has_focus:
            self._password.take_focus()
        else:
            self.start_once(self.send())

    def _with_typed_password(self, elsewhere: Invitation) -> Invitation:
        """Return the invitation with what the field holds now, which may still be its code."""
        typed = self._password.value.strip()
        return elsewhere if typed == elsewhere.code else replace(elsewhere, password=typed, code="")

    def request(self) -> m.Request:
        password = self._password.value.strip()
        return m.Join(id=m.UNNUMBERED, room=self._room.value, password=password)

    def granted(self, reply: m.Reply) -> None:
        if isinstance(reply, m.Joined):
            self.dismiss(reply)

    def say_at(self, field: Field, sentence: str) -> None:
        self._say_refused(sentence)

    def _say_refused(self, sentence: str) -> None:
        self._refused = self._filled_in()
        self._password.problem = sentence

    def _filled_in(self) -> tuple[str, str]:
        return self._room.value, self._password.value


def invitation_in(text: str) -> Invitation | None:
    """Return the invitation in a `/join` line (which names no server) or a link, else None."""
    match parser.read(text):
        case parser.SendRequest(m.Join(room=room, password=password)):
            return Invitation(Address(), room, password)
    if not text.startswith("chat://"):
        return None
    try:
        invitation = read_invitation(text)
    except BadAddress:
        return None
    return invitation if invitation.room or invitation.code else None
