"""Where a drag over messages ends that leaves the log.

Textual takes a drag that ends on something else, be it the scrollbar, to mean all rows
up to there: the log to its very end, though little of it is in view.
"""

from textual.geometry import Offset, Region


def clamp(x: int, y: int, log: Region) -> Offset:
    """Return the point of `log` that is meant: above it its beginning, below it its end."""
    if y < log.y:
        return log.offset
    if y >= log.bottom:
        return Offset(log.right - 1, log.bottom - 1)
    return Offset(min(max(x, log.x), log.right - 1), y)
