"""What an empty room shows in place of messages: what can be done here."""

from collections.abc import Mapping
from typing import Final

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from chat_shared.limits import GENERAL
from chat_shared.text import clean_line
from chat_tui.commands.keys import key_shown
from chat_tui.model.room import Room

_EMPTY: Final = "No messages yet. Type one and press {send}."
_GENERAL: Final = "Everyone on this server is here. {create} creates a room, {help} shows all keys."
_OWN: Final = (
    "You own this room. /invite creates an invitation for one person, /topic TEXT sets the topic."
)
_DIRECT: Final = "This is between you and {peer}. The server's operator can read it too."


class Beginning(Widget, can_focus=False):
    """Hidden once the room has a message, or one of ours that is not sent yet."""

    words: reactive[str] = reactive("", layout=True)

    def __init__(self, keys: Mapping[str, str]) -> None:
        """Name the keys as `keys`, the user's own choices, have them."""
        super().__init__(id="beginning")
        self._keys = {
            "send": key_shown("message.send", keys),
            "create": key_shown("room.create", keys),
            "help": key_shown("help", keys),
        }

    def on_mount(self) -> None:
        self.display = False

    def watch_words(self) -> None:
        self.display = bool(self.words)

    def tell_of(self, room: Room, *, own: bool, unsent: bool) -> None:
        """Describe `room` if it is empty; `own`: the user is its owner."""
        about = _about(room, own=own)
        sentences = [_EMPTY, about] if about else [_EMPTY]
        words = " ".join(sentences).format(peer=clean_line(room.peer), **self._keys)
        self.words = "" if room.last_seq or unsent else words

    def render(self) -> Content:
        return Content(self.words)


def _about(room: Room, *, own: bool) -> str:
    if room.name == GENERAL:
        return _GENERAL
    if room.peer:
        return _DIRECT
    return _OWN if own else ""
