"""How often something may happen: at most once in some seconds, for each of any number of keys."""


class RateLimiter:
    """Times are of any clock that only goes forward."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._last: dict[str, float] = {}

    def wait(self, key: str, now: float) -> float:
        """Return the seconds until it may happen again, 0 for now."""
        last = self._last.get(key)
        return 0.0 if last is None else max(0.0, last + self._every - now)

    def may(self, key: str, now: float) -> bool:
        """Say whether it may happen now, and if so, take note that it does."""
        if self.wait(key, now) > 0:
            return False
        self._last[key] = now
        return True
