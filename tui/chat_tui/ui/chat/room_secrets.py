"""Shows the password of a room. The server tells it only once."""

from typing import TypeAlias

from chat_shared import messages as m
from chat_tui.ui.chat.room_view import RoomView

Secret: TypeAlias = m.Created | m.RoomPassword


def show_secret(view: RoomView, reply: Secret) -> None:
    """Open the dialog with a room's password."""
    from chat_tui.ui.dialogs.room_secret import RoomSecret

    link = view.place.link_to(reply.room, reply.password)
    view.app.push_screen(RoomSecret(reply, link))
