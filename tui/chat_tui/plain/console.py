"""Lines in and lines out: at a terminal, or through a pipe."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import IO, Final, Protocol

_LONGEST_LINE: Final = 1024 * 1024  # bytes: what is longer is no line that somebody sends


class Console(Protocol):
    async def read(self, prompt: str, *, secret: bool = False) -> str | None:
        """Return the next line without its end, or None where there are no more."""

    def write(self, text: str) -> None:
        """Write `text` and end the line, above whatever is being typed."""


class Interrupted(Exception):
    """Ctrl+C was pressed while a line was being typed; the line is gone."""


class Pipe:
    """Standard input and output as a program has them: nothing is asked, all is answered."""

    def __init__(self, source: asyncio.StreamReader) -> None:
        self._source = source

    async def read(self, prompt: str, *, secret: bool = False) -> str | None:
        line = await self._source.readline()
        return line.decode(errors="replace").rstrip("\r\n") if line else None

    def write(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


class Terminal:
    """A prompt in the last line, with the terminal's own cursor; what is said stands above it."""

    def __init__(self) -> None:
        # Imported late: a pipe needs none of it.
        from prompt_toolkit import PromptSession

        self._session: PromptSession[str] = PromptSession()

    async def read(self, prompt: str, *, secret: bool = False) -> str | None:
        from prompt_toolkit import PromptSession

        # A session of its own, so that no secret is remembered by the arrow keys.
        session: PromptSession[str] = PromptSession() if secret else self._session
        try:
            return await session.prompt_async(prompt, is_password=secret)
        except EOFError:
            return None
        except KeyboardInterrupt:
            raise Interrupted from None

    def write(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")


@asynccontextmanager
async def open_console() -> AsyncGenerator[Console]:
    """Yield the console that this process was given."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield Pipe(await _stream(sys.stdin.buffer))
        return
    from prompt_toolkit.patch_stdout import patch_stdout

    # Nobody is asked where the cursor is: not every terminal answers that.
    os.environ["PROMPT_TOOLKIT_NO_CPR"] = "1"
    # Raw would let escape sequences through: everything that is written is text.
    with patch_stdout(raw=False):
        yield Terminal()


async def _stream(source: IO[bytes]) -> asyncio.StreamReader:
    """Return a reader of `source`, which may be a pipe or, as no loop can wait for one, a file."""
    reader = asyncio.StreamReader(limit=_LONGEST_LINE)
    loop = asyncio.get_running_loop()
    try:
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), source)
    except ValueError:  # a file: it has no end to wait for
        reader.feed_data(await asyncio.to_thread(source.read))
        reader.feed_eof()
    return reader
