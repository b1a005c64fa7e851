"""Where a scrollbar draws its thumb, to draw it only when that changes."""

from math import ceil


def thumb_eighths(window: int, total: int, position: float) -> tuple[int, int]:
    """Return the position and length of a scrollbar's thumb, in eighths of a cell."""
    if total <= window:
        return 0, 0
    length = max(1.0, window * window / total)
    return int((window - length) * position / (total - window) * 8), ceil(length * 8)
