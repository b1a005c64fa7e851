"""A rate limit: at most once per interval, for each of any number of keys."""


class RateLimiter:
    """Takes times of any monotonic clock."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._last: dict[str, float] = {}

    def wait(self, key: str, now: float) -> float:
        """Return the seconds until `key` is allowed again; 0 for now."""
        last = self._last.get(key)
        return 0.0 if last is None else max(0.0, last + self._every - now)

    def may(self, key: str, now: float) -> bool:
        """Return whether `key` is allowed now, and if so count it."""
        if self.wait(key, now) > 0:
            return False
        self._last[key] = now
        return True
