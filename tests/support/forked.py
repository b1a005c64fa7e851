"""Processes that start within a fraction of a second, for tests that start or kill many.

They are forked from a process that has imported the programs and runs no thread, instead of being
started one by one: importing takes most of the time of a start. In all else they are as others:
they have the environment and the folder of this moment.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

_FORKING: Final = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(
    [
        "chat_server.cli",
        "chat_server.run.serving",
        "chat_server.store.postgresql.storage",
        "chat_tui.app",
        "chat_tui.cli",
        "chat_tui.plain.start",
    ]
)


class Forked:
    """One process, running `act` with `arguments` from the start."""

    def __init__(
        self, act: Callable[..., None], *arguments: Any, env: Mapping[str, str] | None = None
    ) -> None:
        own = dict(os.environ if env is None else env)
        args = (own, Path.cwd(), act, arguments)
        self._process = _FORKING.Process(target=_run, args=args, daemon=True)
        self._process.start()
        assert self._process.pid is not None
        self.pid: Final = self._process.pid

    @property
    def returncode(self) -> int | None:
        """Its exit code, or its signal negated; None while it runs."""
        return self._process.exitcode

    @property
    def sentinel(self) -> int:
        """A descriptor that is readable when it has ended."""
        return self._process.sentinel

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):  # which has ended, and is not yet known to have
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def join(self, patience: float | None = None) -> int:
        """Wait until it has ended; return its exit code. Kill it after `patience` seconds."""
        self._process.join(patience)
        if self.returncode is None:
            self.kill()
            self._process.join()
        code = self.returncode
        assert code is not None
        return code


def _run(
    env: dict[str, str], folder: Path, act: Callable[..., None], arguments: tuple[Any, ...]
) -> None:
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    # As in a terminal, also where the tests themselves were started to ignore them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    act(*arguments)
