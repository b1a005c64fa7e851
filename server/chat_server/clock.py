"""The time of day, as the house writes it down."""

import time
from datetime import UTC, datetime
from functools import lru_cache


def now() -> int:
    """Return the milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


@lru_cache(maxsize=256)  # a round has one time; a page has few
def rfc3339(milliseconds: int) -> str:
    """Return the time as the wire has it: 2026-11-22T09:30:00.000Z."""
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03}Z"
