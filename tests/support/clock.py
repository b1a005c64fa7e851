"""The time of day as a test sets it."""

from dataclasses import dataclass


@dataclass
class Clock:
    """Returns the time in milliseconds since 1970, UTC; it moves only by `pass_by`."""

    now: int = 1_800_000_000_000  # 2027-01-15T08:00:00Z

    def __call__(self) -> int:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += round(seconds * 1000)
