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
        self._transfers: list[Transfer | RoomExport] = []

    def on_mount(self) -> None:
        self.display = False

    def show(self, transfers: Sequence[Transfer | RoomExport]) -> None:
        is_layout = len(transfers) != len(self._transfers)
        self._transfers = [*transfers]
        self.display = bool(transfers)
        self.refresh(layout=is_layout)

    def render(self) -> Content:
        width = self.size.width - len(_CANCEL)
        rows = [progress(transfer, width) for transfer in self._transfers[:_MOST]]
        if (more := len(self._transfers) - _MOST) > 0:
            rows.append(f"and {more:,} more")
        return Content.assemble("\n".join(rows), (_CANCEL, "dim"))
