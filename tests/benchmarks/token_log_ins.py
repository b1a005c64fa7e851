"""Many log in by token at once: `python -m benchmarks.token_log_ins PORT COUNT ACCOUNTS`.

A process of its own, so that what is measured beside it does not wait for it.
"""

import sys

from benchmarks.crowd import Address, Crowd
from benchmarks.machine import allow_files
from benchmarks.native import Native


class _Shared(Native):
    """Accounts that several clients log in to, since their number is limited."""

    def __init__(self, accounts: int) -> None:
        super().__init__()
        self._accounts = accounts

    def login(self, number: int) -> bytes:
        """Return the frame with which client `number` resumes."""
        return super().login(number % self._accounts)


def log_in_and_hang_up(port: int, count: int, accounts: int) -> None:
    """Log in `count` clients, wait until they have received what comes then, and hang up."""
    allow_files(count)
    crowd = Crowd(Address(port, _Shared(accounts)))
    refusals = crowd.open(count, at_once=count)
    if refusals:
        raise SystemExit(f"{len(refusals)} clients were refused: {refusals[0]}")
    crowd.settle()
    crowd.close()


if __name__ == "__main__":
    log_in_and_hang_up(*map(int, sys.argv[1:]))
