"""The bytes queued for all slow readers together: bounded, and the largest queues go first."""

from typing import Final, Protocol

# What remains, of the maximum, after the largest had to go: were it all, they would go one by
# one, each after a search among all.
_REMAINING: Final = 0.75


class Backlog(Protocol):
    """The queue of one reader."""

    def discard(self) -> None:
        """Disconnect the reader and free the queue. Never waits."""


class Backlogs:
    """The sizes of all queues that are not empty."""

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self._sizes: dict[Backlog, int] = {}
        self.queued = 0  # bytes, of all

    def add(self, backlog: Backlog, size: int) -> None:
        """Count `size` more bytes of `backlog`. May discard it, or others. Never waits."""
        self._sizes[backlog] = self._sizes.get(backlog, 0) + size
        self.queued += size
        if self.queued > self._max:
            self._discard_largest()

    def remove(self, backlog: Backlog, size: int) -> None:
        """Count `size` bytes of `backlog` no longer, unless it was closed."""
        if backlog in self._sizes:
            self._sizes[backlog] -= size
            self.queued -= size

    def close(self, backlog: Backlog) -> None:
        """Count nothing of `backlog` any longer."""
        self.queued -= self._sizes.pop(backlog, 0)

    def _discard_largest(self) -> None:
        for backlog in sorted(self._sizes, key=self._sizes.__getitem__, reverse=True):
            if self.queued <= self._max * _REMAINING:
                return
            backlog.discard()
            self.close(backlog)
