"""Exceptions as a log may show them: without their messages, which may quote what someone typed."""

import traceback
from collections.abc import Iterator


def without_messages(exc: BaseException) -> str:
    """Return the types of `exc` and its causes, latest first, each with its frames."""
    return "\n".join(_chain(exc))


def _chain(exc: BaseException | None) -> Iterator[str]:
    while exc is not None:
        yield type(exc).__qualname__
        for frame in traceback.extract_tb(exc.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        if isinstance(exc, BaseExceptionGroup):
            for inner in exc.exceptions:
                yield from _chain(inner)
        exc = exc.__cause__ or exc.__context__
