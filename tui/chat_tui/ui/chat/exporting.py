"""The open room, saved with its files in a folder."""

from typing import Final

from chat_shared.text import clean
from chat_tui.commands import exporting
from chat_tui.controller.exports import Exports, NotExported
from chat_tui.model.premises import NO_EXPORT_HERE
from chat_tui.storage.home import shown_path
from chat_tui.storage.saved_file import CannotSave, downloads_folder
from chat_tui.ui.chat.actions import Actions
from chat_tui.ui.chat.room_view import RoomView

_READ_WITHIN: Final = 10  # seconds: time to read where it is, while something else is done


class Exporting:
    """What people do in the meantime goes on; closing the screen cancels it."""

    def __init__(self, view: RoomView, exports: Exports) -> None:
        self._view = view
        self._exports = exports

    def actions(self) -> Actions:
        return {"room.export": self.export}

    def export(self, kind: str) -> None:
        """Export the open room in the format `kind`."""
        if self._view.premises.has_files:
            self._view.start(self._export(kind))
        else:
            self._view.hint.say(NO_EXPORT_HERE)

    async def _export(self, kind: str) -> None:
        room = self._view.current_room()
        try:
            done = await self._exports.export(room, kind, downloads_folder())
        except (CannotSave, NotExported) as exc:
            self._tell(str(exc))
        else:
            self._tell(exporting.done(room.title, shown_path(done.path), done.missing))

    def _tell(self, sentence: str) -> None:
        """Show what became of it, over whatever is being done by now."""
        self._view.notify(clean(sentence), timeout=_READ_WITHIN, markup=False)
