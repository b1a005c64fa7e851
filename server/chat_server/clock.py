"""The time of day in milliseconds, and as the protocol writes it."""

import re
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# Narrower than what Python reads as ISO 8601: whole dates and times, ASCII digits,
# and an offset, since a time without one is ambiguous.
_RFC3339: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)


def now() -> int:
    """Return the time in milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


@lru_cache(maxsize=256)  # a batch has one time; a page has few
def rfc3339(milliseconds: int) -> str:
    """Return the time as the protocol writes it: 2026-11-22T09:30:00.000Z."""
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03}Z"


def parse_rfc3339(text: str) -> int:
    """Return the milliseconds since 1970, UTC, of an RFC 3339 time. Raises ValueError."""
    if not _RFC3339.fullmatch(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text.upper())
    return (moment - _EPOCH) // timedelta(milliseconds=1)
