"""A QR code in the terminal's cells."""

from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from chat_tui.markup.qr_code import half_blocks

# Not the theme's: a camera expects dark modules on a light ground.
_STYLE: Final = Style(color="#000000", bgcolor="#ffffff")


class QrCode(Widget):
    """As large as its code."""

    def __init__(self, text: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Final = half_blocks(text)
        self.columns: Final = len(self._rows[0])
        self.lines: Final = len(self._rows)
        self.styles.width, self.styles.height = self.columns, self.lines

    def render_line(self, y: int) -> Strip:
        if y >= self.lines:
            return Strip.blank(self.columns)
        return Strip([Segment(self._rows[y], _STYLE)], self.columns)
