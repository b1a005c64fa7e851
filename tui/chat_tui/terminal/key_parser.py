"""Reads what a terminal sends, where Textual would take parts of it for typed text.

That are pastes with escape characters in them, and escape sequences that a slow connection
has split.
"""

import re
from collections.abc import Iterable
from time import monotonic
from typing import Final

from textual._xterm_parser import XTermParser
from textual.message import Message

_START: Final = "\x1b[200~"
_END: Final = "\x1b[201~"
_ESCAPE: Final = "\x1b"
_SHOWN: Final = "␛"

# Seconds that the rest of an escape sequence may take. Textual waits a tenth of that, which is
# right for the Escape key alone: it must act at once.
PATIENCE: Final = 1.0
_BEGINS: Final = ("\x1b[", "\x1bO")
# What follows the escape character of a key, of the mouse, or of a report.
_REST: Final = re.compile(r"\[[<?]?[\d;:]*[A-Za-z~]|O[P-S]")


# Characters of one paste; the rest of a longer one is left out. More than ten messages have.
MAX_PASTE: Final = 100_000


class KeyParser(XTermParser):
    """Replaces escape characters in pasted text, and waits for the rest of a split sequence.

    Textual takes the characters after an escape character for keys even within a paste:
    an Enter among them would send half of it. Most terminals remove escape characters
    from what they paste; tmux does not.
    """

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._is_pasting = False
        self._pasted = 0  # characters
        # The last characters read; within a paste, those that may begin its end marker.
        self._last = ""
        self._begun = ""  # an escape sequence that has no end yet
        self._lasts_until = 0.0  # when it is given up
        self._escaped_at = -PATIENCE  # when an escape character alone became the Escape key

    def feed(self, data: str) -> Iterable[Message]:
        harmless = "".join(map(self._read, data))
        if harmless or not data:  # no data is the end of the input
            yield from super().feed(self._with_escape(harmless))
            self._note_begun(harmless)

    def tick(self) -> Iterable[Message]:
        """Yield what is complete by now, as the next character was too late."""
        if self._begun.startswith(_BEGINS):
            if monotonic() >= self._lasts_until:
                self._begun = ""
                list(super().tick())  # nothing that anyone typed
            return
        keys = list(super().tick())
        if keys and self._begun == _ESCAPE:
            self._begun, self._escaped_at = "", monotonic()
        yield from keys

    def _with_escape(self, data: str) -> str:
        """Return `data` with its escape character, where that came alone and so was a key."""
        late = monotonic() - self._escaped_at < PATIENCE and _REST.fullmatch(data)
        self._escaped_at = -PATIENCE
        return _ESCAPE + data if late else data

    def _note_begun(self, data: str) -> None:
        read = self._begun + data
        is_open = self._awaiting.timeout is not None
        self._begun = read[read.rfind(_ESCAPE) :] if is_open and _ESCAPE in read else ""
        self._lasts_until = monotonic() + PATIENCE

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
        if char == _ESCAPE:
            read, self._last = read[:-1], _ESCAPE
        return read.replace(_ESCAPE, _SHOWN)
