"""How often somebody may do something. The time is an argument, in seconds."""

from collections import OrderedDict
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

    def is_full(self, now: float) -> bool:
        """Say whether it is as if nothing had ever been taken."""
        return self._level + (now - self._at) * self._rate >= self._burst


class TokenBuckets:
    """A bucket for each account, however often it comes and goes. Full ones are forgotten."""

    def __init__(self, burst: float, rate: float) -> None:
        self._burst = burst
        self._rate = rate
        self._buckets: OrderedDict[int, TokenBucket] = OrderedDict()  # the last used one last

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, account: int, now: float) -> float:
        """As `TokenBucket.take`."""
        self._forget_full(now)
        bucket = self._buckets.setdefault(account, TokenBucket(self._burst, self._rate, now))
        self._buckets.move_to_end(account)
        return bucket.take(now)

    def _forget_full(self, now: float) -> None:
        while self._buckets and next(iter(self._buckets.values())).is_full(now):
            self._buckets.popitem(last=False)


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
