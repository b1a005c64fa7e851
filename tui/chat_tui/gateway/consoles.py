"""Consoles of the plain client for people who are somewhere else."""

import asyncio
from codecs import getincrementaldecoder
from typing import Final

import msgspec

from chat_shared.text import clean
from chat_tui.commands.ssh import DUMB
from chat_tui.gateway.frames import Kind, Prompt, Size
from chat_tui.gateway.line_editor import (
    PASTES_AS_TYPED,
    PASTES_IN_BRACKETS,
    LineEditor,
    Outcome,
    Signal,
)
from chat_tui.gateway.terminal import Terminal
from chat_tui.plain.console import Interrupted, Pipe

# Bytes that are kept of what was written, for someone whose connection was lost.
MAX_KEPT: Final = 64 * 1024


class TerminalConsole:
    """A person's terminal. Lines are edited here, as it passes on each key."""

    has_person = True
    shows_typed = True

    def __init__(self, terminal: Terminal, term: str) -> None:
        """`term` is the terminal's type."""
        self._terminal = terminal
        self._brackets: Final = term not in DUMB
        self._shown: list[str] = []  # and not sent yet
        self._editor = LineEditor(self._show, terminal.size.columns, is_dumb=term in DUMB)
        self._decode = getincrementaldecoder("utf-8")(errors="replace").decode
        self._changed = asyncio.Event()
        self._is_asking = False
        self._has_ended = False
        if self._brackets:
            self._show(PASTES_IN_BRACKETS)

    # --- for the plain client

    async def read(self, prompt: str, *, secret: bool = False, question: bool = True) -> str | None:
        await asyncio.sleep(0)  # others have their turn between two lines that were typed ahead
        self._is_asking = True
        self._editor.ask(prompt, secret=secret)
        try:
            outcome = await self._wait_typed()
        finally:
            self._is_asking = False
        if outcome is Signal.INTERRUPTED:
            raise Interrupted
        return None if isinstance(outcome, Signal) else outcome

    async def _wait_typed(self) -> Outcome:
        while (outcome := self._editor.take()) is None:
            if self._editor.is_behind:
                await asyncio.sleep(0)
                continue
            if self._has_ended:
                return Signal.ENDED
            self._changed.clear()
            await self._changed.wait()
        return outcome

    def write(self, text: str) -> None:
        self._editor.make_way()
        lines = clean(text).replace("\n", "\r\n")
        self._show(f"{lines}\r\n")
        # Behind the last of several lines, not behind each.
        asyncio.get_running_loop().call_soon(self._draw)

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._editor.make_way()
        if self._brackets:
            self._show(PASTES_AS_TYPED)
        self._flush()

    def _show(self, text: str) -> None:
        """Show `text`, with all else of this moment in one piece: each key would cost as much."""
        if not self._shown:
            asyncio.get_running_loop().call_soon(self._flush)
        self._shown.append(text)

    def _flush(self) -> None:
        shown, self._shown = "".join(self._shown), []
        if shown:
            self._terminal.write(shown)

    def _draw(self) -> None:
        if self._is_asking and not self._editor.is_drawn:
            self._editor.draw()

    # --- for the terminal

    def typed(self, data: bytes) -> None:
        if not self._has_ended:
            self._editor.feed(self._decode(data))
            self._changed.set()

    async def wait_handled(self) -> None:
        """Lines wait in a queue with a bound."""

    def input_ended(self) -> None:
        self._has_ended = True
        self._changed.set()

    def resized(self, size: Size) -> None:
        self._editor.resize(size.columns)

    def quit(self) -> None:
        self._editor.forget()
        self.input_ended()

    def attached(self) -> None:
        """Show nothing yet: the client asks first."""


class LinesConsole:
    """Lines in and lines out, from a pipe, or from something that edits and shows them itself."""

    has_person = True
    shows_typed = False

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.input: Final = TypedInput(terminal)
        self._pipe = Pipe(self.input)
        self._asked: Prompt | None = None
        self._kept = KeptOutput()
        self._is_back = False

    # --- for the plain client

    async def read(self, prompt: str, *, secret: bool = False, question: bool = True) -> str | None:
        await asyncio.sleep(0)  # as above
        self._asked = Prompt(clean(prompt), is_secret=secret, is_question=question)
        if not self._pipe.holds_line:
            self._ask()
        try:
            return await self._pipe.read(prompt)
        finally:
            self._asked = None

    def write(self, text: str) -> None:
        line = f"{clean(text)}\n"
        self._kept.add(line.encode(errors="replace"))
        self._terminal.write(line)

    def come_back(self, seen: int) -> None:
        """Somebody will be connected again, who has read `seen` bytes of what was written."""
        self._kept.seen = seen
        self._is_back = True

    def _ask(self) -> None:
        if self._asked is not None:
            self._terminal.send(Kind.PROMPT, msgspec.json.encode(self._asked))

    def close(self) -> None:
        """There is nothing to restore."""

    # --- for the terminal

    def typed(self, data: bytes) -> None:
        self.input.feed(data)

    async def wait_handled(self) -> None:
        """Lines wait in a queue with a bound."""

    def input_ended(self) -> None:
        self.input.end()

    def resized(self, size: Size) -> None:
        """Lines have any length."""

    def quit(self) -> None:
        self._pipe.forget()
        self.input.forget()
        self.input.end()

    def attached(self) -> None:
        """Write what someone who is back has not read, and ask again."""
        if not self._is_back:
            return
        self._terminal.send(Kind.OUTPUT, self._kept.unread)
        self._ask()
        self.input.attached()


class KeptOutput:
    """The end of what was written, for someone whose connection was lost."""

    def __init__(self) -> None:
        self.seen = 0
        self._end = 0  # how many bytes were written in all
        self._kept = b""

    def add(self, line: bytes) -> None:
        self._end += len(line)
        self._kept += line
        if len(self._kept) > MAX_KEPT:
            # To half of that, so as not to copy it each time, from the beginning of a line.
            _, _, self._kept = self._kept[-MAX_KEPT // 2 :].partition(b"\n")

    @property
    def unread(self) -> bytes:
        return self._kept[max(len(self._kept) - (self._end - self.seen), 0) :]


class TypedInput:
    """What is typed without a terminal. The front passes on no more than what is asked for."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._chunk = b""
        self._has_ended = False
        self._is_waiting = False
        self._changed = asyncio.Event()

    async def read(self) -> bytes:
        """Return what has arrived; nothing at the end of the input."""
        while not self._chunk and not self._has_ended:
            self._is_waiting = True
            self.attached()
            self._changed.clear()
            await self._changed.wait()
        self._is_waiting = False
        chunk, self._chunk = self._chunk, b""
        return chunk

    def attached(self) -> None:
        """Say that something is awaited, if it is."""
        if self._is_waiting:
            self._terminal.send(Kind.WANTED, b"")

    def feed(self, data: bytes) -> None:
        self._chunk += data
        self._changed.set()

    def forget(self) -> None:
        self._chunk = b""

    def end(self) -> None:
        self._has_ended = True
        self._changed.set()
