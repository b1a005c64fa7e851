"""Lines above the composer for files, and a room to export, that are on their way."""

from collections.abc import Sequence
from typing import Final

from textual.content import Content
from textual.widget import Widget

from chat_tui.model.progress import progress
from chat_tui.model.transfer import RoomExport, Transfer

_MOST: Final = 4  # files; of the others the number is shown
_CANCEL: Final = " · /cancel"


class TransferLines(Widget, can_focus=False):
    """Hidden while there are none."""

    def __init__(self) -> None:
        super().__init__(id="transfers")
        self._content = Content()

    def on_mount(self) -> None:
        self.display = False

    def show(self, transfers: Sequence[Transfer | RoomExport]) -> None:
        rows = [Content(progress(transfer)) for transfer in transfers[:_MOST]]
        if (more := len(transfers) - _MOST) > 0:
            rows.append(Content(f"and {more:,} more"))
        content = Content("\n").join(rows)
        if rows:
            content = Content.assemble(content, (_CANCEL, "dim"))
        if content == self._content:
            return
        is_layout = len(rows) != self._content.plain.count("\n") + bool(self._content)
        self._content = content
        self.display = bool(rows)
        self.refresh(layout=is_layout)

    def render(self) -> Content:
        return self._content
