"""What stops a running server or makes it reload: signals, its terminal and standard input.

Knows no service and no connection: it sets an event, cancels a scope, or calls back.
"""

import os
import signal
import sys
from collections.abc import Callable

import trio

from chat_server.run import sighup


class Stop:
    """Whether the server must stop, and whether the next one is expected soon."""

    def __init__(self) -> None:
        self._event = trio.Event()
        self._is_restart = False

    @property
    def is_final(self) -> bool:
        """Whether the operator stops the server, rather than a service manager that may restart it.

        False as well before it must stop, as in a server that fails.
        """
        return self.is_set() and not self._is_restart

    def set(self, *, is_restart: bool = False) -> None:
        """Make the server stop."""
        self._event.set()
        self._is_restart = is_restart

    def is_set(self) -> bool:
        return self._event.is_set()

    async def wait(self) -> None:
        await self._event.wait()


async def run_stop_signals(stop: Stop, everything: trio.CancelScope) -> None:
    """Set `stop` on the first SIGINT or SIGTERM; cancel `everything` on the second."""
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for number in signals:
            if stop.is_set():
                everything.cancel()
            stop.set(is_restart=number == signal.SIGTERM)


async def run_sighup(stop: Stop, reload: Callable[[], None]) -> None:
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


async def stop_at_eof(stop: Stop) -> None:
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
