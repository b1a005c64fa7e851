"""Garbage collection in a worker: a full one stops everybody in it for a tenth of a second.

So the interpreter collects the youngest garbage only, within two milliseconds. What has outlived
that is collected here, once there is some of it. What is still in use then may become garbage as
well, such as the log-in form, so all is looked at when nobody types.

All but what was made before the worker was forked, which the spawner has frozen: looking at that
would copy 15 MB for each worker of what they share.
"""

import asyncio
import gc
from typing import Final

from chat_tui.gateway.turns import Turns

LOOK_EVERY: Final = 2.0  # seconds

# Collections of the youngest garbage, which leave some 35,000 objects in all: three clients.
GROWN: Final = 50

# Seconds without a key pressed in which all is looked at, if anything has changed.
QUIET_FOR: Final = 5.0

# Clients that have ended, some 2 MB each, until it is done although people type.
MAX_ENDED: Final = 8

_NEVER: Final = 2**30


class Garbage:
    """Collects the garbage of a process whose event loop nothing else should stop."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._has_changed = False
        self._ended = 0

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
        is_quiet = self._turns.quiet_for >= QUIET_FOR
        if self._ended >= MAX_ENDED or (self._has_changed and is_quiet):
            self._has_changed, self._ended = False, 0
            gc.collect()
        elif gc.get_count()[1] >= GROWN:
            self._has_changed = True
            gc.collect(1)  # what stays is looked at again with everything only
