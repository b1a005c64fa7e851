"""Log lines on stderr: for people, or one JSON object each for programs.

Nothing that a member typed is ever logged, at any level.
"""

import logging
import sys

import structlog

from chat_server.config import LogFormat, LogLevel


def set_up_logging(level: LogLevel, log_format: LogFormat) -> None:
    """Send log lines of `level` and above to stderr."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *_renderers(log_format),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _renderers(log_format: LogFormat) -> list[structlog.types.Processor]:
    if log_format == "json":
        return [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
    # A plain traceback: the rich one would print local variables, and with them secrets.
    plain = structlog.dev.plain_traceback
    colors = sys.stderr.isatty()
    return [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)]
