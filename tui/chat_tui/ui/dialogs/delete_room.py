"""Explains what deleting a room means, and has its name typed."""

from typing import Final

from chat_shared import messages as m
from chat_shared.names import fold
from chat_shared.text import clean_line
from chat_tui.commands.replies import confirmation
from chat_tui.ui.dialogs.form import FormDialog
from chat_tui.ui.widgets.field import Field

_MEANING: Final = (
    "All members are removed and all messages deleted. This can't be undone. "
    "To give the room to someone else instead, use /hand-over NAME."
)


class DeleteRoom(FormDialog[str]):
    """Asks the server only once the right name is typed; returns the sentence that confirms it."""

    def __init__(self, room: str) -> None:
        self._room = room
        self._typed_name = Field("Type the room's name to confirm", "room")
        super().__init__(
            f"Delete room {clean_line(room)}",
            self._typed_name,
            submit="Delete room",
            explanation=_MEANING,
            destroys=True,
        )

    def check(self) -> tuple[Field, str] | None:
        if fold(self._typed_name.value.strip()) == fold(self._room):
            return None
        return self._typed_name, f"The room's name is {self._room}."

    def request(self) -> m.Request:
        return m.DeleteRoom(id=m.UNNUMBERED, room=self._room)

    def granted(self, reply: m.Reply) -> None:
        self.dismiss(confirmation(self.request(), reply))
