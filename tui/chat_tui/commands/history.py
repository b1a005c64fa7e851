"""The lines sent before, to recall and send again. Pure, in memory only."""

from typing import Final

_KEPT: Final = 200  # lines; older ones are found in the room


class Recall:
    """Steps through the sent lines, newest first. The unsent draft comes after the newest."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._at = 0  # index of the displayed line; past the last: the draft
        self._draft = ""

    def add(self, line: str) -> None:
        """Add a line that was sent or discarded, as the newest."""
        if line and (not self._lines or self._lines[-1] != line):
            self._lines.append(line)
        del self._lines[:-_KEPT]
        self._at = len(self._lines)
        self._draft = ""

    def hold(self, text: str) -> None:
        """Keep the draft before an older line replaces it.

        A line that was recalled and then changed is a draft too.
        """
        if self._at == len(self._lines) or self._lines[self._at] != text:
            self._draft = text
            self._at = len(self._lines)

    def older(self) -> str | None:
        """Return the line before the displayed one, or None at the oldest."""
        if self._at == 0:
            return None
        self._at -= 1
        return self._lines[self._at]

    def newer(self) -> str | None:
        """Return the line after the displayed one, the draft after the newest; None beyond."""
        if self._at >= len(self._lines):
            return None
        self._at += 1
        return self._lines[self._at] if self._at < len(self._lines) else self._draft
