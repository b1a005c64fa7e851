"""A text area that draws a password in a command as dots."""

from typing import Final

from rich.text import Text

from chat_tui.commands import parser
from chat_tui.ui.widgets.character_area import CharacterArea

_BULLET: Final = "•"


class MaskedArea(CharacterArea):
    """Masks what `commands.parser` takes for a secret, while it is typed."""

    def get_line(self, line_index: int) -> Text:
        """Return a line as it is drawn: passwords as dots."""
        line = super().get_line(line_index)
        span = parser.secret_span(self.text) if self._may_hold_secret() else None
        if span is None:
            return line
        start = sum(len(above) + 1 for above in self.document.lines[:line_index])
        shown = line.plain
        masked = [
            _BULLET if span[0] <= at < span[1] else char
            for at, char in enumerate(shown, start=start)
        ]
        return Text("".join(masked), end="", no_wrap=True)

    def _may_hold_secret(self) -> bool:
        return self.document.get_line(0).lstrip()[:1] == "/"
