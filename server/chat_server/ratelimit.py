"""How often somebody may do something. The time is an argument, in seconds."""


class TokenBucket:
    """Allows `burst` at once and `rate` a second in the long run."""

    __slots__ = ("_at", "_burst", "_level", "_rate")

    def __init__(self, burst: float, rate: float, now: float) -> None:
        self._burst = burst
        self._rate = rate
        self._level = burst
        self._at = now

    def take(self, now: float) -> float:
        """Take one and return 0, or take none and return the seconds until there is one."""
        level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        if level < 1:
            self._level = level
            return (1 - level) / self._rate
        self._level = level - 1
        return 0.0
