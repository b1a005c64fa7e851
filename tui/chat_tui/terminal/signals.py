"""Ends the program at a signal, and when its terminal is closed, whatever it is doing."""

import os
import signal
import threading
from collections.abc import Callable
from typing import Final

# With the number of a signal added, an exit code, as shells have it.
SIGNALLED: Final = 128

_STREAMS: Final = (0, 1, 2)

# Seconds from a signal to the forced end, for a terminal that is open and takes nothing. Unsent
# messages and drafts are on disk by then.
_LAST_MOMENT: Final = 5.0


def end_at_signals(end: Callable[[], object]) -> None:
    """Call `end` on the main thread at SIGINT, SIGTERM, and SIGHUP: the terminal is closed.

    Not by the event loop, which may wait until the terminal takes something. Its handlers also run
    after that of SIGCONT, which follows a hang-up immediately and makes Textual draw everything
    again.
    """
    terminals = [descriptor for descriptor in _STREAMS if os.isatty(descriptor)]

    def ended(number: int, _: object) -> None:
        _discard_output([descriptor for descriptor in terminals if not os.isatty(descriptor)])
        last_moment = threading.Timer(_LAST_MOMENT, os._exit, (SIGNALLED + number,))
        last_moment.daemon = True
        last_moment.start()
        end()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ended)


def _discard_output(gone: list[int]) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in gone:
        os.dup2(null, descriptor)
    os.close(null)
