"""Times as the server writes them, read. Pure."""

from datetime import UTC, datetime
from typing import Final

_YEARS: Final = range(1971, 9999)  # beyond these, other time zones fall out of the calendar


def read_time(at: str) -> datetime:
    """Return the moment `at` says; what says none is the beginning of time."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    if moment.year not in _YEARS:
        return datetime.fromtimestamp(0, UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
