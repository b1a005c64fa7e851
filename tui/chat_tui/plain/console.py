"""Lines in and lines out: at a terminal, or through a pipe."""

import asyncio
import os
import sys
import termios
from codecs import lookup
from collections.abc import AsyncGenerator, Generator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from io import TextIOWrapper
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final, Protocol, TextIO, TypeAlias

from chat_shared.text import clean
from chat_tui.commands.ssh import DUMB

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession

_LONGEST: Final = 64 * 1024  # bytes of a line: more than any message takes
_AT_ONCE: Final = 64 * 1024  # bytes that are read

_LOCAL_MODES: Final = 3  # where termios keeps them

Chunk: TypeAlias = "asyncio.Future[bytes]"


class Console(Protocol):
    @property
    def shows_typed(self) -> bool:
        """Whether what is typed stands among what is written, and need not be written again."""

    @property
    def has_person(self) -> bool:
        """Whether somebody reads what is written, and can answer a question."""

    async def read(self, prompt: str, *, secret: bool = False, question: bool = True) -> str | None:
        """Return the next line without its end, or None after the last one.

        If the prompt is no `question`, nobody waits for an answer.
        """

    def write(self, text: str) -> None:
        """Write `text` and end the line, above whatever is being typed."""


class Interrupted(Exception):
    """Ctrl+C was pressed, or there was no answer; the text typed so far is discarded."""


class OutputFailed(Exception):
    """What is written arrives nowhere: the disk is full, for instance. The message says why."""


class Chunks(Protocol):
    async def read(self) -> bytes:
        """Return what has arrived; nothing at the end of the input."""


class Source:
    """Reads a file descriptor, whatever that is, and no further than is asked for.

    In a thread, as no loop can wait for a file or for /dev/null; and without
    a buffer of Python's, which could not be let go of while it is read from.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._wanted: SimpleQueue[Chunk] = SimpleQueue()
        Thread(target=self._run, daemon=True).start()

    async def read(self) -> bytes:
        """Return what has arrived; nothing at the end of the input."""
        chunk: Chunk = asyncio.get_running_loop().create_future()
        self._wanted.put(chunk)
        return await chunk

    def _run(self) -> None:
        while True:
            chunk = self._wanted.get()
            data = self._read()
            try:
                chunk.get_loop().call_soon_threadsafe(_give, chunk, data)
            except RuntimeError:
                return  # the program has ended meanwhile

    def _read(self) -> bytes:
        try:
            return os.read(self._descriptor, _AT_ONCE)
        except OSError:
            return b""  # a folder, or a terminal that is gone: nothing more comes


async def read_all(source: Chunks, at_most: int) -> bytes:
    """Return all there is, and of too much a little more than `at_most`."""
    data = b""
    while len(data) <= at_most and (more := await source.read()):
        data += more
    return data


def _give(chunk: Chunk, data: bytes) -> None:
    if not chunk.done():  # as it is where somebody leaves meanwhile
        chunk.set_result(data)


class Pipe:
    """Standard input and output as a program has them: nothing is asked, all is answered."""

    shows_typed = False
    has_person = False

    def __init__(self, source: Chunks) -> None:
        self._source = source
        self._held = b""

    def forget(self) -> None:
        """Forget the lines that have not been read yet."""
        self._held = b""

    @property
    def holds_line(self) -> bool:
        """Whether the next line has arrived."""
        return b"\n" in self._held

    async def read(self, prompt: str, *, secret: bool = False, question: bool = True) -> str | None:
        line = await self._line()
        return line.decode(errors="replace").rstrip("\r\n") if line else None

    async def _line(self) -> bytes:
        """Return a line with its end, if it has one; the middle of a too long one is lost."""
        while not (end := self._held.find(b"\n") + 1):
            if not (more := await self._source.read()):
                end = len(self._held)
                break
            self._held = self._held[:_LONGEST] + more
        line, self._held = self._held[:end], self._held[end:]
        return line

    def write(self, text: str) -> None:
        say(text, sys.stdout)


class Terminal:
    """A prompt in the last line, with the terminal's own cursor; messages are printed above it."""

    has_person = True

    def __init__(self, shown_on: TextIO | None = None, *, suspends: bool = True) -> None:
        """Prompts go to `shown_on`, if that is another stream than standard output."""
        self._shown_on = shown_on
        self._suspends = suspends
        self._session = self._new_session()

    @property
    def shows_typed(self) -> bool:
        return self._shown_on is None

    def _new_session(self) -> "PromptSession[str]":
        # Imported late: a pipe needs none of it.
        from prompt_toolkit import PromptSession
        from prompt_toolkit.output import create_output

        other = create_output(self._shown_on) if self._shown_on is not None else None
        # Ctrl+Z is the shell's, as at every prompt: else it would be typed, and sent.
        return PromptSession(output=other, enable_suspend=self._suspends)

    async def read(self, prompt: str, *, secret: bool = False, question: bool = True) -> str | None:
        # A session of its own, so that no secret is remembered by the arrow keys.
        session = self._new_session() if secret else self._session
        try:
            with self._written_above():
                return await session.prompt_async(prompt, is_password=secret)
        except EOFError:
            return None
        except KeyboardInterrupt:
            raise Interrupted from None

    def _written_above(self) -> AbstractContextManager[None]:
        """Let what is written while something is typed stand above that.

        Only so long: it goes through a thread, and an answer that is awaited
        would come behind the next prompt, which would be drawn and heard twice.
        """
        from prompt_toolkit.patch_stdout import patch_stdout

        # Raw would let escape sequences through: everything that is written is text.
        return patch_stdout(raw=False) if self._shown_on is None else nullcontext()

    def write(self, text: str) -> None:
        say(text, sys.stdout)


class Teletype:
    """A terminal that does what is written and no more: it edits its line itself, moves no cursor.

    The text being typed stays intact when a message is printed meanwhile.
    """

    has_person = True

    def __init__(self, descriptor: int, shown_on: TextIO) -> None:
        """`descriptor` is the terminal that is typed at."""
        self._descriptor = descriptor
        self._pipe = Pipe(Source(descriptor))
        self._shown_on = shown_on
        self._prompt = ""  # what is asked
        self._is_behind_prompt = False

    @property
    def shows_typed(self) -> bool:
        return self._shown_on is sys.stdout

    async def read(self, prompt: str, *, secret: bool = False, question: bool = True) -> str | None:
        self._prompt = prompt
        self._ask()
        try:
            with _unseen(self._descriptor) if secret else nullcontext():
                return await self._pipe.read(prompt)
        finally:
            self._prompt = ""
            self._end_row(seen=not secret)

    def write(self, text: str) -> None:
        self._end_row()
        say(text, sys.stdout)
        # Behind the last of several lines, not behind each.
        asyncio.get_running_loop().call_soon(self._ask)

    def _ask(self) -> None:
        if self._prompt and not self._is_behind_prompt:
            self._shown_on.write(self._prompt)
            self._shown_on.flush()
            self._is_behind_prompt = True

    def _end_row(self, *, seen: bool = False) -> None:
        """Leave the row of the prompt; an Enter that was `seen` has done so."""
        if self._is_behind_prompt and not seen:
            self._shown_on.write("\n")
            self._shown_on.flush()
        self._is_behind_prompt = False


@contextmanager
def _unseen(descriptor: int) -> Generator[None]:
    """Let the terminal not show what is typed."""
    usual = termios.tcgetattr(descriptor)
    silent = [*usual]
    silent[_LOCAL_MODES] = usual[_LOCAL_MODES] & ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSADRAIN, silent)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, usual)


def say(text: str, stream: TextIO) -> None:
    """Write a line that is there at once, and harmless. Raises BrokenPipeError or OutputFailed.

    The last safeguard: should another way have been missed, the terminal does not obey it.
    """
    try:
        stream.write(f"{clean(text)}\n")
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as exc:
        raise OutputFailed(f"Can't write the output: {exc.strerror}.") from None


def prepare_streams() -> None:
    """Make up for what a program may be started without: streams, or all letters."""
    # In the order of their descriptors: each gets the one that is missing.
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: SIM115 - for as long as the program runs
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 - likewise
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115 - likewise
    # An ASCII locale is one that nobody chose: what is typed there is UTF-8 like anywhere.
    if isinstance(sys.stdin, TextIOWrapper) and lookup(sys.stdin.encoding).name == "ascii":
        sys.stdin.reconfigure(encoding="utf-8")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


@asynccontextmanager
async def open_console(*, suspends: bool = True) -> AsyncGenerator[Console]:
    """Yield the console that this process was given."""
    shown_on = next((s for s in (sys.stdout, sys.stderr) if s.isatty()), None)
    if not sys.stdin.isatty() or shown_on is None:
        yield Pipe(Source(sys.stdin.fileno()))
        return
    if os.environ.get("TERM", "") in DUMB:
        yield Teletype(sys.stdin.fileno(), shown_on)
        return
    # Nobody is asked where the cursor is: not every terminal answers that.
    os.environ["PROMPT_TOOLKIT_NO_CPR"] = "1"
    yield Terminal(shown_on if shown_on is not sys.stdout else None, suspends=suspends)
