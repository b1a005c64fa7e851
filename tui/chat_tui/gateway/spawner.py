"""A process that has what clients need and forks workers, which start at once and share it.

Once it forks, it runs no event loop and no thread, so that forking is safe.
"""

import gc
import os
import select
import signal
import socket
import struct
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, NoReturn

from chat_shared.tracebacks import without_messages

# What workers draw with: Textual reads these when it is imported. Nothing may move by itself, since
# each movement would be drawn and sent for every person who is connected.
_DRAWING: Final = {"TEXTUAL_FPS": "30", "TEXTUAL_ANIMATIONS": "none"}

# Environment variables that workers keep: apps show people their environment nowhere, but a program
# that is not meant for them needs none of it.
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "PYTHONPATH")

# Bytes of what a worker, or a client in it, fails with: a socket takes them at once. What ends a
# client is followed by END_OF_ERROR on the worker's connection to the front, and by nothing else.
MAX_ERROR: Final = 8 * 1024
END_OF_ERROR: Final = b"\0"

# Which worker has ended, and its exit code.
_ENDED: Final = struct.Struct("!Ii")
_MANY: Final = 4096  # bytes: one for each child that has ended


class Spawner:
    """Makes workers. Start it before any thread and any event loop."""

    def __init__(self, server: Path) -> None:
        """Make workers for the chat server at the socket `server`."""
        ours, theirs = socket.socketpair()
        self.process: Final = os.fork()
        if self.process == 0:
            ours.close()
            try:
                _run(theirs, server)
            except Exception:
                traceback.print_exc()
            finally:
                os._exit(1)
        theirs.close()
        self.control: Final = ours  # readable when a worker, or the spawner itself, has ended

    def spawn(self) -> socket.socket:
        """Return the control socket of a new worker, which ends when that is closed."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self.control, [b"w"], [theirs.fileno()])
        return ours

    def read_ended(self) -> tuple[int, int] | None:
        """Return which worker has ended, and its exit code; None if the spawner has.

        Workers are counted from 0, in the order of `spawn`. Call it when `control` is readable.
        """
        data = self.control.recv(_ENDED.size, socket.MSG_WAITALL)
        return _ENDED.unpack(data) if len(data) == _ENDED.size else None

    def close(self) -> None:
        self.control.close()


def _run(control: socket.socket, server: Path) -> None:
    """Fork a worker for each socket that arrives, and tell which end, until the front ends."""
    _close_inherited(control)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the front gets it as well, and ends us
    _prepare_environment()
    from chat_tui.gateway.warm_up import warm_up
    from chat_tui.gateway.worker import run_worker

    warm_up(server)
    gc.collect()
    gc.freeze()
    children = _Children(control)
    while True:
        ready, _, _ = select.select([control, children.ends], [], [])
        if children.ends in ready:
            children.report()
        if control in ready:
            data, descriptors, _, _ = socket.recv_fds(control, 1, 1)
            if not data:
                os._exit(0)
            for descriptor in descriptors:
                with socket.socket(fileno=descriptor) as worker:
                    children.fork(worker, partial(run_worker, worker, server))


class _Children:
    """The workers as the spawner has them, whose ends it reports to the front."""

    def __init__(self, control: socket.socket) -> None:
        """Report on `control`."""
        self._control = control
        self._numbers: dict[int, int] = {}  # by process
        self._forked = 0
        # Readable once a child has ended. Without a handler, nothing would be written there.
        self.ends, self._ended = socket.socketpair()
        self._ended.setblocking(False)
        signal.set_wakeup_fd(self._ended.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def fork(self, worker: socket.socket, run: Callable[[], None]) -> None:
        """Fork a worker, whose end of its connection to the front is `worker`."""
        process = os.fork()
        if process == 0:
            self._become(worker, run)
        self._numbers[process] = self._forked
        self._forked += 1

    def report(self) -> None:
        """Tell the front of all that have ended since."""
        self.ends.recv(_MANY)
        while self._numbers:
            process, status = os.waitpid(-1, os.WNOHANG)
            if not process:
                return
            code = os.waitstatus_to_exitcode(status)
            with suppress(OSError):  # the front has ended as well
                self._control.send(_ENDED.pack(self._numbers.pop(process), code))

    def _become(self, worker: socket.socket, run: Callable[[], None]) -> NoReturn:
        """Be a worker in this process, to its end. It tells the front what it fails with."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for inherited in self._control, self.ends, self._ended:
            inherited.close()
        try:
            run()
        except Exception as exc:
            with suppress(OSError):
                worker.send(without_messages(exc).encode()[-MAX_ERROR:])
            os._exit(1)
        os._exit(0)


def _close_inherited(control: socket.socket) -> None:
    """Keep nothing open of the front: neither its listening sockets nor its output."""
    kept = control.fileno()
    os.dup2(2, 1)
    os.closerange(3, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))


def _prepare_environment() -> None:
    for name in set(os.environ) - set(_KEPT):
        del os.environ[name]
    os.environ.update(_DRAWING)
    gc.disable()
