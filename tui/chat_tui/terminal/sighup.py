"""Ends the program when its terminal is closed, whatever it is doing."""

import os
import signal
import threading
from collections.abc import Callable
from typing import Final

_STREAMS: Final = (0, 1, 2)

# Seconds from the hang-up to the forced end. Unsent messages and drafts are on disk by
# then.
_LAST_MOMENT: Final = 5.0

_HUNG_UP: Final = 128 + signal.SIGHUP


def end_with_terminal(end: Callable[[], object]) -> None:
    """Call `end` on the main thread when the terminal is closed, which is a SIGHUP."""
    terminals = [descriptor for descriptor in _STREAMS if os.isatty(descriptor)]

    def hung_up(*_: object) -> None:
        _discard_output([descriptor for descriptor in terminals if not os.isatty(descriptor)])
        last_moment = threading.Timer(_LAST_MOMENT, os._exit, (_HUNG_UP,))
        last_moment.daemon = True
        last_moment.start()
        end()

    # Not by the event loop: its handlers run after that of SIGCONT, which follows a hang-up
    # immediately and makes Textual draw everything again.
    signal.signal(signal.SIGHUP, hung_up)


def _discard_output(gone: list[int]) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in gone:
        os.dup2(null, descriptor)
    os.close(null)
