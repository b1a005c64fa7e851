"""What was sent before, to be sent again or changed. Pure, in memory only."""

from typing import Final

_KEPT: Final = 200  # lines; whoever looks further back looks into the room


class Recall:
    """Walks through the lines that were sent, newest first. What is being written comes last."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._at = 0  # index of the line that is shown; past the last: what is being written
        self._held = ""

    def add(self, line: str) -> None:
        """Keep a line that was sent, or given up; it is the newest now."""
        if line and (not self._lines or self._lines[-1] != line):
            self._lines.append(line)
        del self._lines[:-_KEPT]
        self._at = len(self._lines)
        self._held = ""

    def hold(self, text: str) -> None:
        """Note what is being written, and is no line of ours, before an older one takes its place.

        A line that was recalled and changed is being written as well.
        """
        if self._at == len(self._lines) or self._lines[self._at] != text:
            self._held = text
            self._at = len(self._lines)

    def older(self) -> str | None:
        """Return the line before the one shown, or None at the oldest."""
        if self._at == 0:
            return None
        self._at -= 1
        return self._lines[self._at]

    def newer(self) -> str | None:
        """Return the line after the one shown, behind the newest what was held; None beyond."""
        if self._at >= len(self._lines):
            return None
        self._at += 1
        return self._lines[self._at] if self._at < len(self._lines) else self._held
