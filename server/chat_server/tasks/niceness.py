"""Threads that come after all others: they get the smaller share of a core that several want."""

import os
import sys
from contextlib import suppress
from threading import get_native_id
from typing import Final

# Where people post while passwords are hashed, on one core: more than this helps posts no
# further, and delays log-ins. They keep a quarter of a core however busy it is.
NICENESS: Final = 5

# For slow searches, which come after hashing and quick searches as well.
NICEST: Final = 15


def make_nicer(by: int = NICENESS) -> None:
    """Let this thread come after the others, from now on. Only Linux has a niceness of threads."""
    if sys.platform == "linux":  # elsewhere the whole process would become nicer
        thread = get_native_id()
        with suppress(OSError):  # a sandbox may forbid it, and then nothing changes
            before = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, before + by)
