"""Log lines on stderr: readable text, or one JSON object per line.

Nothing that a member typed is ever logged, at any level. A log that cannot be
written (a full disk, a closed pipe, a paused terminal) never stops the server.
"""

import logging
import os
import socket
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from math import inf
from threading import Lock
from time import monotonic
from types import TracebackType
from typing import Final

import structlog
from structlog.typing import EventDict

from chat_server.config import LogFormat, LogLevel
from chat_shared.tracebacks import without_messages

_STDERR: Final = 2


def set_up_logging(level: LogLevel, log_format: LogFormat) -> None:
    """Send log lines of `level` and above to stderr."""
    lines = _Lines()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            lines.count_dropped,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_traceback_without_messages),
            _renderer(log_format),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=False,
    )


class _Lines:
    """Writes log lines to stderr; drops those that cannot be written, or not without waiting.

    Past `sys.stderr`, which would keep such a line, try it again with the next one and
    at last as the process ends: that would then exit with code 120.
    """

    def __init__(self) -> None:
        self._write = _writer_that_never_waits(_STDERR)
        self._rest = b""  # of a line of which a part could be written
        self._dropped = 0  # before the next line
        self._lock = Lock()

    def count_dropped(self, _logger: object, _method: str, event: EventDict) -> EventDict:
        """Say in a line how many before it were dropped: a processor of structlog."""
        if self._dropped:
            event["dropped"] = self._dropped
        return event

    def msg(self, message: str) -> None:
        line = f"{message}\n".encode(errors="backslashreplace")
        with self._lock:
            try:
                if self._rest:
                    self._rest = self._rest[self._write(self._rest) :]
                if self._rest:
                    raise BlockingIOError
                self._rest = line[self._write(line) :]
                self._dropped = 0
            except OSError:
                self._dropped += 1

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def _writer_that_never_waits(fd: int) -> Callable[[bytes], int]:
    """Return what writes to `fd`, or raises BlockingIOError where its reader takes nothing.

    A terminal may be paused by Ctrl+S, and the reader of a pipe may have stalled. `fd` itself
    stays as it is, since other processes share it. Only on Linux; elsewhere it may wait.
    """
    with suppress(OSError):
        mode = os.fstat(fd).st_mode
        if stat.S_ISSOCK(mode):
            return partial(_send_without_waiting, fd)
        if sys.platform == "linux" and (stat.S_ISFIFO(mode) or os.isatty(fd)):
            flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY
            return partial(os.write, os.open(f"/proc/self/fd/{fd}", flags))
    return partial(os.write, fd)


def _send_without_waiting(fd: int, data: bytes) -> int:
    with socket.socket(fileno=os.dup(fd)) as connection:
        return connection.send(data, socket.MSG_DONTWAIT)


class LineLimit:
    """Lets at most `most` lines through in `period` seconds: strangers must not fill the log.

    The next line after those that were omitted says how many they were.
    """

    def __init__(self, most: int, period: float) -> None:
        self._most = most
        self._period = period
        self._begin = -inf
        self._lines = 0
        self._omitted = 0

    def admit(self) -> dict[str, int] | None:
        """Return further fields for a line that may be logged now; None if it may not."""
        now = monotonic()
        if now - self._begin >= self._period:
            self._begin, self._lines = now, 0
        if self._lines >= self._most:
            self._omitted += 1
            return None
        self._lines += 1
        omitted, self._omitted = self._omitted, 0
        return {"omitted": omitted} if omitted else {}


def _renderer(log_format: LogFormat) -> structlog.types.Processor:
    if log_format == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(
        colors=os.isatty(_STDERR), exception_formatter=structlog.dev.plain_traceback
    )


def _traceback_without_messages(
    exc_info: tuple[type[BaseException], BaseException, TracebackType | None],
) -> str:
    return without_messages(exc_info[1])
