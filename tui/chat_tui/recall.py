"""What was sent before, to be sent again or changed. Pure, in memory only."""

from typing import Final

_KEPT: Final = 200  # lines; whoever looks further back looks into the room


class Recall:
    """Walks through the lines that were sent, newest first."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._at = 0  # index of the line that is shown; past the last: none

    def add(self, line: str) -> None:
        if not self._lines or self._lines[-1] != line:
            self._lines.append(line)
        del self._lines[:-_KEPT]
        self._at = len(self._lines)

    def may_replace(self, text: str) -> bool:
        """Say whether `text` can be shown again, so that replacing it loses nothing."""
        return not text or (self._at < len(self._lines) and self._lines[self._at] == text)

    def older(self) -> str | None:
        """Return the line before the one shown, or None at the oldest."""
        if self._at == 0:
            return None
        self._at -= 1
        return self._lines[self._at]

    def newer(self) -> str | None:
        """Return the line after the one shown, nothing after the newest, or None beyond."""
        if self._at >= len(self._lines):
            return None
        self._at += 1
        return self._lines[self._at] if self._at < len(self._lines) else ""
