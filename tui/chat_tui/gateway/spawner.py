"""A process that has what clients need and forks workers, which start at once and share it.

Once it forks, it runs no event loop and no thread, so that forking is safe.
"""

import gc
import os
import signal
import socket
import traceback
from pathlib import Path
from typing import Final

# What workers draw with: Textual reads these when it is imported. Nothing may move by itself, since
# each movement would be drawn and sent for every person who is connected.
_DRAWING: Final = {"TEXTUAL_FPS": "30", "TEXTUAL_ANIMATIONS": "none"}

# Environment variables that workers keep: apps show people their environment nowhere, but a program
# that is not meant for them needs none of it.
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "PYTHONPATH")


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
            except Exception:  # of a worker as well, which is forked in there
                traceback.print_exc()
            finally:
                os._exit(1)
        theirs.close()
        self.control: Final = ours  # which ends with the spawner

    def spawn(self) -> socket.socket:
        """Return the control socket of a new worker, which ends when that is closed."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self.control, [b"w"], [theirs.fileno()])
        return ours

    def close(self) -> None:
        self.control.close()


def _run(control: socket.socket, server: Path) -> None:
    """Fork a worker for each socket that arrives, until the front ends."""
    _close_inherited(control)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the front gets it as well, and ends us
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for workers
    _prepare_environment()
    from chat_tui.gateway.warm_up import warm_up
    from chat_tui.gateway.worker import run_worker

    warm_up(server)
    gc.collect()
    gc.freeze()
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not data:
            os._exit(0)
        for descriptor in descriptors:
            with socket.socket(fileno=descriptor) as worker:
                if os.fork() == 0:
                    control.close()
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    run_worker(worker, server)
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
