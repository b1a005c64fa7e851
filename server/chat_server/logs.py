"""Log lines on stderr: readable text, or one JSON object per line.

Nothing that a member typed is ever logged, at any level. A log that cannot be
written (a full disk, a closed pipe) never stops the server.
"""

import logging
import os
from contextlib import suppress
from math import inf
from time import monotonic
from types import TracebackType
from typing import Final

import structlog

from chat_server.config import LogFormat, LogLevel
from chat_shared.tracebacks import without_messages

_STDERR: Final = 2


def set_up_logging(level: LogLevel, log_format: LogFormat) -> None:
    """Send log lines of `level` and above to stderr."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_traceback_without_messages),
            _renderer(log_format),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=lambda *_: _Lines(),
        cache_logger_on_first_use=False,
    )


class _Lines:
    """Writes log lines to stderr; drops those that cannot be written.

    Past `sys.stderr`, which would keep such a line, try it again with the next one and
    at last as the process ends: that would then exit with code 120.
    """

    def msg(self, message: str) -> None:
        with suppress(OSError):
            os.write(_STDERR, f"{message}\n".encode(errors="backslashreplace"))

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


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
