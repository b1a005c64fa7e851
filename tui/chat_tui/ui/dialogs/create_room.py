"""Asks for the name of a new room."""

from chat_shared import messages as m
from chat_shared.errors import Refused
from chat_shared.names import check_name
from chat_tui.ui.dialogs.form import FormDialog
from chat_tui.ui.widgets.field import Field


class CreateRoom(FormDialog[m.Created]):
    """Returns the room that was created, with its password."""

    def __init__(self) -> None:
        self._room = Field("Name", "room", hint="one word, such as kitchen")
        super().__init__(
            "Create a room",
            self._room,
            submit="Create",
            note="The server generates a password that others need to join.",
        )

    def check(self) -> tuple[Field, str] | None:
        try:
            check_name(self._room.value)
        except Refused as refusal:
            return self._room, refusal.message
        return None

    def request(self) -> m.Request:
        return m.Create(id=m.UNNUMBERED, room=self._room.value)

    def granted(self, reply: m.Reply) -> None:
        if isinstance(reply, m.Created):
            self.dismiss(reply)
