"""What stands in a room in which nobody has said anything yet: what one can do here."""

from collections.abc import Mapping
from typing import Final

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from chat_shared.limits import GENERAL
from chat_shared.text import clean_line
from chat_tui.commands.keys import keys_of, shown
from chat_tui.model.room import Room

_BEGIN: Final = "Nobody has said anything here yet. Type, and press {send}."
_GENERAL: Final = (
    "Everybody is in this room. {create} makes one of your own, {help} shows what else there is."
)
_OWN: Final = (
    "This room is yours. /invite makes a code that lets one person in, "
    "/topic TEXT says what the room is for."
)
_DIRECT: Final = "Only you and {peer} can read this."


class Beginning(Widget, can_focus=False):
    """Hidden once something was said."""

    words: reactive[str] = reactive("", layout=True)

    def __init__(self, keys: Mapping[str, str]) -> None:
        """`keys` are those that the user has chosen."""
        super().__init__(id="beginning")
        self._keys = {
            "send": shown(keys_of("message.send", keys)[0]),
            "create": shown(keys_of("room.create", keys)[0]),
            "help": shown(keys_of("help", keys)[0]),
        }

    def on_mount(self) -> None:
        self.display = False

    def watch_words(self) -> None:
        self.display = bool(self.words)

    def tell_of(self, room: Room, *, own: bool) -> None:
        """Say what one can do in `room`, which may be one's `own`, if it is empty."""
        about = _about(room, own=own)
        said = [_BEGIN, about] if about else [_BEGIN]
        words = " ".join(said).format(peer=clean_line(room.peer), **self._keys)
        self.words = "" if room.last_seq else words

    def render(self) -> Content:
        return Content(self.words)


def _about(room: Room, *, own: bool) -> str:
    if room.name == GENERAL:
        return _GENERAL
    if room.peer:
        return _DIRECT
    return _OWN if own else ""
