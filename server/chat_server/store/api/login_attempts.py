"""Failed log-ins, counted under a digest of target and guesser. Knows no delays."""

from typing import Protocol


class LoginAttemptStore(Protocol):
    """The part of `Store` that keeps counts of failed log-ins."""

    def login_attempts(self, digest: bytes) -> tuple[int, int]:
        """Return how many attempts failed, and when the last one was; zeros if none did."""

    def set_login_attempts(self, digest: bytes, failed: int, at: int) -> None:
        """Keep what `login_attempts` returns."""

    def trim_login_attempts(self, before: int, limit: int) -> None:
        """Forget attempts older than `before`, and the oldest beyond `limit` digests."""
