"""Runs the client in this process until it ends by itself, or a signal ends it."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar

from chat_shared.text import clean
from chat_tui.terminal.signals import SIGNALLED, end_at_signals

if TYPE_CHECKING:
    from chat_tui.app import ChatApp

T = TypeVar("T")

FAILED: Final = 1
INTERRUPTED: Final = SIGNALLED + signal.SIGINT


def end(sentence: str, code: int) -> NoReturn:
    """Say `sentence` on stderr, and end the process with `code`."""
    print(f"chat-tui: {clean(sentence)}", file=sys.stderr)  # noqa: T201 - output of the command
    raise SystemExit(code)


def load_app() -> "type[ChatApp]":
    """Import what draws the screen, which is most of the time until the log-in form appears.

    Imported objects are never garbage. Collecting among thousands of them takes a
    twentieth of that time, and later a pause in which keys are not handled.
    """
    gc.disable()
    from chat_tui.app import ChatApp

    gc.freeze()
    gc.enable()
    return ChatApp


def run_app(app: "ChatApp") -> NoReturn:
    """Run `app` on this terminal, and end the process with its exit code."""
    asyncio.run(_run_until_signal(app))
    sys.exit(app.return_code or 0)


async def _run_until_signal(app: "ChatApp") -> None:
    """Run `app`; a signal ends it and restores the terminal."""
    loop = asyncio.get_running_loop()
    end_at_signals(lambda: loop.call_soon_threadsafe(app.exit))
    await app.run_async()


def run_without_screen(client: "Coroutine[None, None, T]") -> "T":
    """Run `client`, and return what it returns, or end the process with a sentence.

    A reader that closes the pipe, as `head` does, is no error.
    """
    from chat_tui.plain.console import Interrupted, OutputFailed, prepare_streams
    from chat_tui.plain.gave_up import GaveUp

    prepare_streams()
    try:
        return asyncio.run(_until_signal(client))
    except (GaveUp, OutputFailed) as exc:
        _end_without_output(str(exc))
    except BrokenPipeError:
        _end_without_output("")
    except Interrupted:  # by Ctrl+C at a question before the chat
        raise SystemExit(INTERRUPTED) from None


async def _until_signal(client: "Coroutine[None, None, T]") -> "T":
    """Run `client` until a signal cancels it, which restores the terminal."""
    task, ended_by = asyncio.current_task(), list[int]()

    def cancel(number: int) -> None:
        ended_by.append(number)
        if task is not None:
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, cancel, number)
    try:
        return await client
    except asyncio.CancelledError:
        if ended_by:
            raise SystemExit(SIGNALLED + ended_by[0]) from None
        raise


def _end_without_output(sentence: str) -> NoReturn:
    """End without another error from a standard output that is closed."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if sentence:
        end(sentence, FAILED)
    raise SystemExit(FAILED)
