"""`chat-server`, and its commands, that start within a fraction of a second."""

import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import trio

from chat_server.cli import main
from support.forked import Forked


class ForkedServer(Forked):
    """A server, or a command, running from the start.

    What it writes to stdout goes to `out`, and to stderr to `errors`; to the end of a file.
    """

    def __init__(
        self, arguments: list[str], errors: Path | Connection, out: Path | Connection | None = None
    ) -> None:
        super().__init__(_serve, arguments, out or Path(os.devnull), errors, env=without_settings())

    async def wait(self) -> int:
        """Wait until it has ended; return its exit code."""
        await trio.lowlevel.wait_readable(self.sentinel)
        return self.join()


def without_settings() -> dict[str, str]:
    """Return the environment without the settings of the user who runs the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CHAT_")}


def _serve(arguments: list[str], *outputs: Path | Connection) -> None:
    for standard, output in enumerate(outputs, start=1):
        if isinstance(output, Path):
            with output.open("ab") as file:
                os.dup2(file.fileno(), standard)
        else:
            os.dup2(output.fileno(), standard)
            output.close()
    sys.argv = ["chat-server", *arguments]
    main()
