"""How often somebody may do something. The time is an argument, in seconds."""

from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True)
class BackOff:
    """Allows `free` mistakes, and makes each one after them cost twice the wait of the last.

    All but `free` in seconds: the `first` wait, the `longest`, and how long
    after the last mistake all of them are to `forget`.
    """

    free: int
    first: float
    longest: float
    forget: float

    def wait(self, mistakes: int, elapsed: float) -> float:
        """Return the seconds until another try, `elapsed` after the last of so many mistakes.

        A clock that was set back makes nobody wait longer than once more.
        """
        beyond = mistakes - self.free
        if beyond < 0:
            return 0.0
        # Doubled often enough it would not be a number any more.
        due = min(self.first * 2.0 ** min(beyond, 64), self.longest)
        return max(0.0, due - max(0.0, elapsed))

    def is_over(self, elapsed: float) -> bool:
        """Say whether the last mistake was so long ago that they are all forgotten."""
        return elapsed >= self.forget
