"""Rate limits: token buckets, and exponential back-off. Times are arguments, in seconds."""

from collections import OrderedDict
from collections.abc import Generator, Hashable
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from typing import Final

from chat_shared.errors import Code, Refused

# What a guest may send: anyone with the link can be one, and twenty at a time.
GUEST_POSTS: Final = 5  # messages in a burst
GUEST_POSTS_EVERY: Final = 4.0  # seconds for each further one
GUEST_REQUESTS: Final = 50  # other requests in a burst: to open one room takes a dozen
GUEST_REQUESTS_PER_SECOND: Final = 5.0

# What a hook may send, by all programs that have its code: a loop in one must not fill a room.
HOOK_POSTS: Final = 20  # messages in a burst
HOOK_POSTS_PER_SECOND: Final = 0.5

# A token, as sums of fractions come out: who waited for one must not have come too early.
_WHOLE: Final = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class Rates:
    """The rate limits of an account, and before the log-in of an address.

    Bursts, and averages per second.
    """

    posts: float
    posts_per_second: float
    requests: float
    requests_per_second: float

    def of_guests(self) -> "Rates":
        """Return those of guests: as slow as this, and no faster than people chat."""
        return Rates(
            min(self.posts, GUEST_POSTS),
            min(self.posts_per_second, 1 / GUEST_POSTS_EVERY),
            min(self.requests, GUEST_REQUESTS),
            min(self.requests_per_second, GUEST_REQUESTS_PER_SECOND),
        )

    def of_hooks(self) -> "Rates":
        """Return those of hooks: they post more at once than people, and less in the long run."""
        return Rates(
            HOOK_POSTS,
            min(self.posts_per_second, HOOK_POSTS_PER_SECOND),
            self.requests,
            self.requests_per_second,
        )


class TokenBucket:
    """Allows `burst` at once and `rate` a second in the long run; those in line come first."""

    __slots__ = ("_at", "_burst", "_level", "_line", "_rate")

    def __init__(self, burst: float, rate: float, now: float) -> None:
        self._burst = burst
        self._rate = rate
        self._level = burst
        self._at = now
        self._line = 0  # how many stand in line, each for one token

    def take(self, now: float, tokens: float = 1.0, *, served: bool = False) -> float:
        """Take `tokens` and return 0, or take none and return the seconds until there are.

        The tokens of those in line are not there, unless the caller is `served`: it stood there.
        """
        self._level = level = self.left(now)
        self._at = now
        there = level if served else level - self._line
        if there < tokens * _WHOLE:
            return (tokens - there) / self._rate
        self._level = level - tokens
        return 0.0

    @contextmanager
    def in_line(self) -> Generator[None]:
        """Keep a token for the caller during the block: for as long as `take` has returned."""
        self._line += 1
        try:
            yield
        finally:
            self._line -= 1

    def charge(self, tokens: float) -> None:
        """Take `tokens`, even more than there are: `take` then waits longer. Or give some back."""
        self._level -= tokens

    def left(self, now: float) -> float:
        """Return how many tokens there are; below 0 if too many were charged."""
        return min(self._burst, self._level + (now - self._at) * self._rate)

    def is_full(self, now: float) -> bool:
        """Return whether the bucket is as good as new."""
        return self.left(now) >= self._burst


class TokenBuckets:
    """A bucket for each account or address, over all its connections. Full ones are dropped."""

    def __init__(self, burst: float, rate: float) -> None:
        self._burst = burst
        self._rate = rate
        # The most recently used last.
        self._buckets: OrderedDict[Hashable, TokenBucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: Hashable, now: float, tokens: float = 1.0) -> float:
        """As `TokenBucket.take`."""
        bucket = self.claim(key, now)
        self.release(key, bucket)
        return bucket.take(now, tokens)

    def take_or_refuse(self, key: Hashable, now: float, sentence: str) -> None:
        """Take a token of `key`. Raises Refused (too_fast), with `sentence`, if there is none."""
        if wait := self.take(key, now):
            raise Refused(Code.TOO_FAST, sentence, retry_after=ceil(wait))

    def left(self, key: Hashable, now: float) -> float:
        """As `TokenBucket.left`."""
        bucket = self._buckets.get(key)
        return bucket.left(now) if bucket else self._burst

    def charge(self, key: Hashable, tokens: float, now: float) -> None:
        """As `TokenBucket.charge`."""
        bucket = self.claim(key, now)
        bucket.charge(tokens)
        self.release(key, bucket)

    def claim(self, key: Hashable, now: float) -> TokenBucket:
        """Return the bucket of `key`. The caller keeps it until `release`, full or not."""
        self._drop_full(now)
        return self._buckets.pop(key, None) or TokenBucket(self._burst, self._rate, now)

    def release(self, key: Hashable, bucket: TokenBucket) -> None:
        """Take back the bucket of `key`, to be dropped once it is full."""
        self._buckets[key] = bucket

    def _drop_full(self, now: float) -> None:
        while self._buckets and next(iter(self._buckets.values())).is_full(now):
            self._buckets.popitem(last=False)


@dataclass(frozen=True, slots=True)
class BackOff:
    """Allows `free` mistakes; each further one doubles the wait before the next attempt.

    All but `free` in seconds: the `first` wait, the `longest`, and the time after
    the last mistake when all are to `forget`.
    """

    free: int
    first: float
    longest: float
    forget: float

    def wait(self, mistakes: int, elapsed: float) -> float:
        """Return the seconds to wait, `elapsed` after the last of `mistakes`.

        A clock that was set back costs at most one full wait more.
        """
        beyond = mistakes - self.free
        if beyond < 0:
            return 0.0
        # Bounded, since a float overflows if it is doubled often enough.
        due = min(self.first * 2.0 ** min(beyond, 64), self.longest)
        return max(0.0, due - max(0.0, elapsed))

    def is_over(self, elapsed: float) -> bool:
        """Return whether the last mistake was so long ago that all are forgotten."""
        return elapsed >= self.forget
