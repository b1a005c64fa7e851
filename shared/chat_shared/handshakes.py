"""When connections may begin their handshake, most of their cost: each address has turns. Pure."""

from collections import OrderedDict


class Handshakes:
    """Lets `burst` connections of an address begin at once, and as many more in `within` seconds.

    So a crowd behind one router does not wait, and a stranger who connects without end costs
    little. Times are arguments, in seconds.
    """

    def __init__(self, burst: int, within: float) -> None:
        self._within = within
        self._every = within / burst
        # When what an address has begun is made up for, those of the last connections last.
        self._due: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._due)

    def wait(self, address: str, now: float) -> float | None:
        """Count a connection; return the seconds until it is its turn.

        None, without counting it, if that is longer than `within`: it must be closed.
        """
        self._forget(now)
        due = max(self._due.get(address, now), now) + self._every
        wait = max(0.0, due - now - self._within)
        if wait > self._within + self._every / 2:  # half a turn more than sums of fractions lose
            return None
        self._due[address] = due
        self._due.move_to_end(address)
        return wait

    def _forget(self, now: float) -> None:
        """Forget addresses that are as good as new, the oldest first."""
        while self._due and next(iter(self._due.values())) <= now:
            self._due.popitem(last=False)
