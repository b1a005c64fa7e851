"""Ends a process that cannot end in order, so that what started it can start it again."""

import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Final, NoReturn

import trio

from chat_server.errors import ServerFailedError

# Seconds from when all tasks are cancelled to the end of the process: the last transaction
# takes far less, and systemd waits as long in our unit.
LONGEST_END: Final = 30

_STDERR: Final = 2


def end_process(sentence: str) -> NoReturn:
    """End the process at once, from any thread; what was acknowledged is on disk."""
    with suppress(OSError):
        os.write(_STDERR, f"chat-server: {sentence}\n".encode())
    os._exit(ServerFailedError.exit_code)


@asynccontextmanager
async def bounded_end() -> AsyncGenerator[trio.Nursery]:
    """Open a nursery that has LONGEST_END seconds to end once it is cancelled or failed.

    After that the kernel ends the process, by SIGALRM: without memory nothing else is
    sure to work.
    """
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_set_alarm_when_cancelled)
            yield nursery
    finally:
        signal.alarm(0)


async def _set_alarm_when_cancelled() -> None:
    try:
        await trio.sleep_forever()
    finally:
        signal.alarm(LONGEST_END)
