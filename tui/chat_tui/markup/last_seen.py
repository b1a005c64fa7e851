"""When somebody was last here, in words. Pure."""

from datetime import datetime
from typing import Final

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_WEEK: Final = 7 * _DAY


def ago(then: datetime, now: datetime) -> str:
    """Return how long ago `then` was, as one would say it; a clock that is wrong says just now."""
    seconds = int((now - then).total_seconds())
    if seconds < _MINUTE:
        return "just now"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min ago"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h ago"
    if seconds < _WEEK:
        days = seconds // _DAY
        return "a day ago" if days == 1 else f"{days} days ago"
    return then.astimezone().strftime("%-d %b %Y")
