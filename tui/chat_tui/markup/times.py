"""Times as the server writes them, and how long ago they were. Pure."""

from datetime import UTC, datetime
from typing import Final

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_WEEK: Final = 7 * _DAY

_YEARS: Final = range(1971, 9999)  # beyond these, a time zone's offset leaves the calendar


def read_time(at: str) -> datetime:
    """Return the moment that `at` denotes; 1970-01-01 if it is malformed or out of range."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    if moment.year not in _YEARS:
        return datetime.fromtimestamp(0, UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def moment(at: str) -> str:
    """Return `at` to the minute, as the person's clock has it."""
    return f"{read_time(at).astimezone():%Y-%m-%d %H:%M}"


def day(at: str) -> str:
    """Return the day of `at`, as the person's calendar has it."""
    return moment(at).partition(" ")[0]


def ago(then: datetime, now: datetime) -> str:
    """Return how long ago `then` was, in words; "just now" if the clocks disagree."""
    seconds = int((now - then).total_seconds())
    if seconds < _MINUTE:
        return "just now"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min ago"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h ago"
    if seconds < _WEEK:
        days = seconds // _DAY
        return "1 day ago" if days == 1 else f"{days} days ago"
    return then.astimezone().strftime("%-d %b %Y")
