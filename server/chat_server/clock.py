"""The time of day, as the house writes it down."""

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> int:
    """Return the milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def parse_rfc3339(text: str) -> int:
    """Return the time that `text` says, in milliseconds since 1970. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return (moment - _EPOCH) // timedelta(milliseconds=1)


@lru_cache(maxsize=256)  # a round has one time; a page has few
def rfc3339(milliseconds: int) -> str:
    """Return the time as the wire has it: 2026-11-22T09:30:00.000Z."""
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03}Z"
