"""Processes of `chat-server` that start within a fraction of a second, for tests that kill many.

They are forked from a process that has imported the server and runs no thread, instead of being
started one by one: importing takes most of the time of a start. In all else they are as others:
they have the environment of this moment, and not that of the moment when the first one started.
"""

import multiprocessing
import os
import signal
import sys
from pathlib import Path
from typing import Final

import trio

from chat_server.cli import main

_FORKING: Final = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(
    ["chat_server.cli", "chat_server.run.serving", "chat_server.store.postgresql.storage"]
)


class ForkedServer:
    """One process, running from the start; what it writes to stderr is appended to `log`."""

    def __init__(self, arguments: list[str], log: Path) -> None:
        self._process = _FORKING.Process(target=_run, args=(arguments, log, dict(os.environ)))
        self._process.start()

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        assert self._process.pid is not None
        if self.returncode is None:
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    async def wait(self) -> int:
        """Wait until it has ended; return its exit code."""
        await trio.lowlevel.wait_readable(self._process.sentinel)
        self._process.join()
        assert self.returncode is not None
        return self.returncode


def _run(arguments: list[str], log: Path, environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab") as errors, open(os.devnull, "wb") as discarded:
        os.dup2(discarded.fileno(), 1)
        os.dup2(errors.fileno(), 2)
    sys.argv = ["chat-server", *arguments]
    main()
