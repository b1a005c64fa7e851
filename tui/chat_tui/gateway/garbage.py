"""Garbage collection in a worker: a full one stops everybody in it for half a second.

So the interpreter does none by itself, and the worker does one when nobody types. Most garbage is
young, and is collected as ever, within two milliseconds.
"""

import asyncio
import gc
from typing import Final

from chat_tui.gateway.turns import Turns

# Seconds between two looks at whether to collect, and without a key pressed before one does.
LOOK_EVERY: Final = 10.0
QUIET_FOR: Final = 5.0

# Collections of young objects, each of which leaves at most some 7,000 as old: a client that starts
# takes about ten of them. As many mean that there may be something to collect, and that it may be
# so much (100 MB) that it is not put off any longer.
SOON: Final = 20
LATEST: Final = 200

_NEVER: Final = 2**30


def collect_seldom() -> None:
    """Leave full collections to `run_collections`."""
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, _NEVER)
    gc.enable()


async def run_collections(turns: Turns) -> None:
    """Collect all garbage now and then, without end."""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        old = gc.get_count()[2]
        if old >= LATEST or (old >= SOON and turns.quiet_for >= QUIET_FOR):
            gc.collect()
