"""Lines of the screen, each without the caches that it does not use.

Textual gives each of its strips seven caches. A screen is thousands of strips by the time that it
is drawn, and most of those caches stay empty: making them took a sixth of the time.

Like `textual_internals`, it uses Textual's private API.
"""

from collections.abc import Iterable
from typing import Final

from rich.segment import Segment
from textual.cache import FIFOCache
from textual.strip import Strip

_GIVEN: Final = ("_segments", "_cell_length")
_sample = Strip([])
_FIRST_VALUES: Final = {
    name: getattr(_sample, name) for name in Strip.__slots__ if name not in _GIVEN
}
"""What each other attribute of a strip is at first: an empty cache, or None."""


def make_caches_late() -> None:
    """Let each strip of this process make a cache when it first needs it. May be called again."""
    Strip.__init__ = _init  # type: ignore[method-assign, assignment]
    Strip.__getattr__ = _first_value  # type: ignore[attr-defined]


def _init(strip: Strip, segments: Iterable[Segment], cell_length: int | None = None) -> None:
    strip._segments = list(segments)
    strip._cell_length = cell_length


def _first_value(strip: Strip, name: str) -> object:
    """Return an attribute that was not set yet, and set it."""
    if name not in _FIRST_VALUES:
        raise AttributeError(f"{type(strip).__name__!r} object has no attribute {name!r}")
    first = _FIRST_VALUES[name]
    value = FIFOCache[object, object](first._maxsize) if isinstance(first, FIFOCache) else first
    setattr(strip, name, value)
    return value
