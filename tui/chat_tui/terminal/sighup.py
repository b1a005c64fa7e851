"""A terminal can go away while somebody talks: then the program ends, and nothing may hold it up.

Textual draws through a queue. Whoever empties it dies of the first write to a
terminal that is gone, and the program would wait for ever for room in it.
"""

import os
import signal
import threading
from collections.abc import Callable
from typing import Final

_STREAMS: Final = (0, 1, 2)

# Seconds from the hang-up to the end, whatever is still under way: what is typed and
# not sent is on disk by then.
_LAST_MOMENT: Final = 5.0

_HUNG_UP: Final = 128 + signal.SIGHUP


def end_with_terminal(end: Callable[[], object]) -> None:
    """Call `end` on the main thread once the terminal is gone, or somebody says so (SIGHUP)."""
    terminals = [descriptor for descriptor in _STREAMS if os.isatty(descriptor)]

    def hung_up(*_: object) -> None:
        _draw_nowhere([descriptor for descriptor in terminals if not os.isatty(descriptor)])
        last_moment = threading.Timer(_LAST_MOMENT, os._exit, (_HUNG_UP,))
        last_moment.daemon = True
        last_moment.start()
        end()

    # Not the event loop's own handlers: those come after that of SIGCONT, which follows a
    # hang-up at once and has Textual draw everything again.
    signal.signal(signal.SIGHUP, hung_up)


def _draw_nowhere(gone: list[int]) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in gone:
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
