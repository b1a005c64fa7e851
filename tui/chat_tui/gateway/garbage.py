"""Garbage collection in a worker: a full one stops everybody in it for half a second.

So the interpreter collects young garbage only, within two milliseconds. What has grown old since
the last time is collected here, and what is still in use then is left out from then on. That may
become garbage as well, such as the log-in form, so all is looked at when nobody types.
"""

import asyncio
import gc
from typing import Final

from chat_tui.gateway.turns import Turns

LOOK_EVERY: Final = 2.0  # seconds

# Collections of young objects, each of which leaves some 7,000 as old: half of what a client is.
GROWN: Final = 5

# Seconds without a key pressed in which all is looked at, if anything has changed.
QUIET_FOR: Final = 5.0

# Clients that have ended, some 5 MB each, until it is done although people type.
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
        young, middle, _ = gc.get_threshold()
        gc.set_threshold(young, middle, _NEVER)
        gc.enable()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self._look()

    def _look(self) -> None:
        is_quiet = self._turns.quiet_for >= QUIET_FOR
        if self._ended >= MAX_ENDED or (self._has_changed and is_quiet):
            self._has_changed, self._ended = False, 0
            gc.unfreeze()
            _collect()
        elif gc.get_count()[2] >= GROWN:
            self._has_changed = True
            _collect()


def _collect() -> None:
    """Collect what is not left out, and leave out what stays."""
    gc.collect()
    gc.freeze()
