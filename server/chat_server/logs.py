"""Log lines on stderr: for people, or one JSON object each for programs.

Nothing that a member typed is ever logged, at any level. And a log that cannot
be written (a full disk, a closed pipe) keeps nobody from their work.
"""

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType

import structlog

from chat_server.config import LogFormat, LogLevel


def set_up_logging(level: LogLevel, log_format: LogFormat) -> None:
    """Send log lines of `level` and above to stderr."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_whereabouts),
            _renderer(log_format),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=lambda *_: _Lines(sys.stderr),
        cache_logger_on_first_use=False,
    )


class _Lines(structlog.WriteLogger):
    """Writes what can be written, and loses the rest."""

    def msg(self, message: str) -> None:
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def _renderer(log_format: LogFormat) -> structlog.types.Processor:
    if log_format == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def _whereabouts(
    exc_info: tuple[type[BaseException], BaseException, TracebackType | None],
) -> str:
    """Return what was raised, and where. Not the words it came with: they may quote a member."""
    return "\n".join(_trail(exc_info[1]))


def _trail(exc: BaseException | None) -> Iterator[str]:
    """The exception and what led to it, the latest first, each with its frames."""
    while exc is not None:
        yield type(exc).__qualname__
        for frame in traceback.extract_tb(exc.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        if isinstance(exc, BaseExceptionGroup):
            for inner in exc.exceptions:
                yield from _trail(inner)
        exc = exc.__cause__ or exc.__context__
