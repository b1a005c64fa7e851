"""What stops a running server or makes it reload: signals, its terminal and standard input.

Knows no service and no connection: it sets an event, cancels a scope, or calls back.
"""

import os
import signal
import sys
from collections.abc import Callable

import trio

from chat_server.run import sighup


async def run_stop_signals(stop: trio.Event, everything: trio.CancelScope) -> None:
    """Set `stop` on the first SIGINT or SIGTERM; cancel `everything` on the second."""
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            if stop.is_set():
                everything.cancel()
            stop.set()


async def run_sighup(stop: trio.Event, reload: Callable[[], None]) -> None:
    """Call `reload` on each SIGHUP; set `stop` when SIGHUP means that our terminal was closed.

    A server started with nohup finds SIGHUP ignored and outlives its terminal.
    """
    ends_with_terminal = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN and _has_terminal()
    with trio.open_signal_receiver(signal.SIGHUP) as signals:
        sighup.release()
        async for _ in signals:
            if ends_with_terminal and not _has_terminal():
                stop.set()
            else:
                reload()


async def stop_at_eof(stop: trio.Event) -> None:
    """Set `stop` when standard input ends, even if the process at its other end was killed."""
    async with trio.lowlevel.FdStream(os.dup(sys.stdin.fileno())) as stdin:
        while await stdin.receive_some():
            pass
    stop.set()


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
