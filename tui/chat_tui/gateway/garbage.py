"""Garbage collection in a worker: a full one stops everybody in it for a tenth of a second.

So the interpreter collects the youngest garbage only, within two milliseconds. What has outlived
that is collected here, once there is some of it. What is still in use then may become garbage as
well, such as the log-in form, so all is looked at now and then when nobody types.

All but what was made before the worker was forked, which the spawner has frozen: looking at that
would copy 15 MB for each worker of what they share.
"""

import asyncio
import gc
from time import monotonic
from typing import Final

from chat_tui.gateway.turns import Turns

LOOK_EVERY: Final = 2.0  # seconds

# Collections of the youngest garbage, which leave some 35,000 objects in all: three clients.
GROWN: Final = 50

# Seconds without a key pressed in which all is looked at, if anything has changed.
QUIET_FOR: Final = 5.0

# It is looked at again after so many times as long as that took: where people post and nobody
# types, something changes all the time, and nothing much becomes garbage.
RARELY: Final = 100

# Clients that have ended, some 2 MB each, until it is done although people type.
MAX_ENDED: Final = 8

_NEVER: Final = 2**30


class Garbage:
    """Collects the garbage of a process whose event loop nothing else should stop."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._has_changed = False
        self._ended = 0
        self._due = 0.0  # before then it is not done because it is quiet, by the monotonic clock

    def note_end(self) -> None:
        """A client has ended."""
        self._ended += 1
        self._has_changed = True

    async def run(self) -> None:
        """Collect garbage until cancelled."""
        young, _, _ = gc.get_threshold()
        gc.set_threshold(young, _NEVER, _NEVER)
        gc.enable()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self._look()

    def _look(self) -> None:
        is_time = self._turns.quiet_for >= QUIET_FOR and monotonic() >= self._due
        if self._ended >= MAX_ENDED or (self._has_changed and is_time):
            self._collect_all()
        elif gc.get_count()[1] >= GROWN:
            self._has_changed = True
            gc.collect(1)  # what stays is looked at again with everything only

    def _collect_all(self) -> None:
        self._has_changed, self._ended = False, 0
        began = monotonic()
        gc.collect()
        self._due = began + RARELY * (monotonic() - began)
