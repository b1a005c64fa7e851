"""Ends a command that takes its time by a signal, so that it leaves nothing behind."""

import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

_STOPPED: Final = 128  # plus the number of the signal: the exit code, as shells have it


@contextmanager
def stoppable() -> Generator[None]:
    """Let signals that end the process end the block first, so that nothing is left behind."""
    before = {
        number: signal.signal(number, _stop)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) != signal.SIG_IGN  # as under nohup
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, _: FrameType | None) -> NoReturn:
    sys.exit(_STOPPED + number)
