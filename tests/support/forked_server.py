"""Processes of `chat-server` that start within a fraction of a second, for tests that kill many."""

import os
import sys
from pathlib import Path

import trio

from chat_server.cli import main
from support.forked import Forked


class ForkedServer(Forked):
    """A server, running from the start; what it writes to stderr is appended to `log`."""

    def __init__(self, arguments: list[str], log: Path) -> None:
        super().__init__(_serve, arguments, log)

    async def wait(self) -> int:
        """Wait until it has ended; return its exit code."""
        await trio.lowlevel.wait_readable(self.sentinel)
        return self.join()


def _serve(arguments: list[str], log: Path) -> None:
    with log.open("ab") as errors, open(os.devnull, "wb") as discarded:
        os.dup2(discarded.fileno(), 1)
        os.dup2(errors.fileno(), 2)
    sys.argv = ["chat-server", *arguments]
    main()
