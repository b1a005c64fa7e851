"""A bounded queue for something slow that everybody shares, in which nobody can be crowded out.

Callers take turns, however often each has asked: so one with a hundred requests makes
another one with a single request wait for one of them and not for all.
"""

from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import trio


class QueueFullError(Exception):
    """Too many wait, and nobody has more waiting than this caller."""


@dataclass(eq=False, slots=True)
class _Waiter:
    done: trio.Event = field(default_factory=trio.Event)
    granted: bool = False

    def end(self, *, granted: bool) -> None:
        self.granted = granted
        self.done.set()


class FairQueue:
    """Lets `slots` work at a time; `most` may wait. Beyond that, those with the most lose one."""

    def __init__(self, *, slots: int, most: int) -> None:
        self._free = slots
        self._most = most
        self._waiting = 0
        # By caller, each with its oldest first. The caller whose turn it is comes first.
        self._waiters: OrderedDict[Hashable, deque[_Waiter]] = OrderedDict()

    def __len__(self) -> int:
        """How many wait."""
        return self._waiting

    @asynccontextmanager
    async def turn(self, caller: Hashable) -> AsyncGenerator[None]:
        """Run the block when it is the turn of `caller`. Raises QueueFullError."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(caller)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, caller: Hashable) -> None:
        waiter = self._add(caller)
        try:
            await waiter.done.wait()
        except trio.Cancelled:
            if waiter.granted:
                self._pass_on()
            elif not waiter.done.is_set():
                self._remove(caller, waiter)
            raise
        if not waiter.granted:
            raise QueueFullError

    def _add(self, caller: Hashable) -> _Waiter:
        if self._waiting >= self._most:
            self._make_room(caller)
        waiter = _Waiter()
        self._waiters.setdefault(caller, deque()).append(waiter)
        self._waiting += 1
        return waiter

    def _make_room(self, caller: Hashable) -> None:
        """Refuse the newest of those of whom most wait, unless that is `caller`."""
        greediest = max(self._waiters, key=lambda key: len(self._waiters[key]))
        if len(self._waiters[greediest]) <= len(self._waiters.get(caller, ())) + 1:
            raise QueueFullError
        newest = self._waiters[greediest][-1]
        self._remove(greediest, newest)
        newest.end(granted=False)

    def _remove(self, caller: Hashable, waiter: _Waiter) -> None:
        waiters = self._waiters[caller]
        waiters.remove(waiter)
        self._waiting -= 1
        if not waiters:
            del self._waiters[caller]

    def _pass_on(self) -> None:
        """Give a slot to the next caller, whose other requests then wait for everybody else's."""
        if not self._waiters:
            self._free += 1
            return
        caller, waiters = next(iter(self._waiters.items()))
        waiter = waiters[0]
        self._waiters.move_to_end(caller)
        self._remove(caller, waiter)
        waiter.end(granted=True)
