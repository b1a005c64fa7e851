"""Where a scrollbar draws its thumb, to draw it only when that changes."""

from typing import Final, NamedTuple

# Eighths of a cell by which the thumb is drawn, though Textual could show each of them: in a log of
# a hundred messages, every one that arrives would draw the bar, which costs as much as the log.
STEP: Final = 8


class Thumb(NamedTuple):
    """The edges of a thumb, in eighths of a cell from the beginning of the bar."""

    start: int
    end: int

    def differs_from(self, drawn: "Thumb", window: int) -> bool:
        """Say whether it should be drawn in place of `drawn`, in a bar of `window` cells."""
        if self._ends(window) != drawn._ends(window):
            return True
        return max(abs(self.start - drawn.start), abs(self.end - drawn.end)) >= STEP

    def _ends(self, window: int) -> tuple[bool, bool]:
        return self.start == 0, self.end == 8 * window


def thumb_of(window: int, total: int, position: float) -> Thumb:
    """Return the thumb for `window` lines of `total` from `position` on."""
    if total <= window:
        return Thumb(0, 8 * window)
    length = max(1.0, window * window / total)
    start = (window - length) * position / (total - window) * 8
    return Thumb(int(start), round(start + length * 8))
