"""Reads what a terminal sends, where Textual would take parts of it for typed text.

That are pastes with escape characters in them, escape sequences that a slow connection has
split, and what the terminal reports of itself.
"""

import re
from collections.abc import Iterable
from time import monotonic
from typing import Final

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.message import Message

from chat_tui.terminal.sequences import ESCAPE, PATIENCE, Sequences, is_report

_START: Final = "\x1b[200~"
_END: Final = "\x1b[201~"
_SHOWN: Final = "␛"

# What follows the escape character of a key, of the mouse, or of a report.
_REST: Final = re.compile(r"\[[<?>]?[\d;:]*[A-Za-z~]|O[P-S]|P>\|[ -~]*\x1b\\")

# Characters of one paste; the rest of a longer one is left out. More than ten messages have.
MAX_PASTE: Final = 100_000


class Reported(Message):
    """The terminal reports something of itself."""

    def __init__(self, report: str) -> None:
        super().__init__()
        self.report = report


class KeyParser(XTermParser):
    """Replaces escape characters in pasted text, and waits for the rest of a split sequence.

    Textual takes the characters after an escape character for keys even within a paste:
    an Enter among them would send half of it. Most terminals remove escape characters
    from what they paste; tmux does not. Reports that Textual does not know are for the app.
    """

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._is_pasting = False
        self._pasted = 0  # characters
        # The last characters read; within a paste, those that may begin its end marker.
        self._last = ""
        self._sequences = Sequences()
        self._escaped_at = -PATIENCE  # when an escape character alone became the Escape key

    def feed(self, data: str) -> Iterable[Message]:
        harmless = self._with_escape("".join(map(self._read, data)))
        for piece in self._sequences.split(harmless, monotonic()):
            if is_report(piece):
                yield Reported(piece)
            else:
                yield from super().feed(piece)
        if not data:  # the input ends
            yield from super().feed(data)

    def tick(self) -> Iterable[Message]:
        """Yield what is complete by now, as the next character was too late."""
        typed = self._sequences.give_up(monotonic(), constants.ESCAPE_DELAY)
        if typed == ESCAPE:
            self._escaped_at = monotonic()
            yield events.Key("escape", ESCAPE)
        elif typed:
            yield from super().feed(typed)
        yield from super().tick()

    def _with_escape(self, data: str) -> str:
        """Return `data` with its escape character, where that came alone and so was a key."""
        if not data:
            return data
        late = monotonic() - self._escaped_at < PATIENCE and _REST.fullmatch(data)
        self._escaped_at = -PATIENCE
        return ESCAPE + data if late else data

    def _read(self, char: str) -> str:
        return self._read_pasted(char) if self._is_pasting else self._read_typed(char)

    def _read_typed(self, char: str) -> str:
        self._last = (self._last + char)[-len(_START) :]
        if self._last == _START:
            self._is_pasting, self._last, self._pasted = True, "", 0
        return char

    def _read_pasted(self, char: str) -> str:
        """Return the text that is complete; an escape character may begin the end marker."""
        read, self._last = self._last + char, ""
        if read == _END:
            self._is_pasting = False
            return _END
        if _END.startswith(read):
            self._last = read
            return ""
        self._pasted += len(read)
        if self._pasted > MAX_PASTE:
            return ""
        if char == ESCAPE:
            read, self._last = read[:-1], ESCAPE
        return read.replace(ESCAPE, _SHOWN)
