"""What a terminal sends, read by Textual, but what is pasted does nothing beyond being pasted.

Textual takes the first characters behind an escape character for keys also in
the middle of what is pasted: Enter among them would send half of it. Most
terminals paste no escape character; tmux is one that does.
"""

from collections.abc import Iterable
from typing import Final

from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.message import Message

_START: Final = "\x1b[200~"
_END: Final = "\x1b[201~"
_ESCAPE: Final = "\x1b"
_SHOWN: Final = "␛"


class PasteParser(XTermParser):
    """Hands on every escape character of what is pasted as the sign for it."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._is_pasting = False
        self._last = ""  # what was read last, and while pasting, of that what may become the end

    def feed(self, data: str) -> Iterable[Message]:
        harmless = "".join(map(self._read, data))
        if harmless or not data:  # nothing is the end of all
            yield from super().feed(harmless)

    def _read(self, char: str) -> str:
        return self._read_pasted(char) if self._is_pasting else self._read_typed(char)

    def _read_typed(self, char: str) -> str:
        self._last = (self._last + char)[-len(_START) :]
        if self._last == _START:
            self._is_pasting, self._last = True, ""
        return char

    def _read_pasted(self, char: str) -> str:
        """Return what is certain by now: an escape character may begin the end."""
        read, self._last = self._last + char, ""
        if read == _END:
            self._is_pasting = False
            return _END
        if _END.startswith(read):
            self._last = read
            return ""
        if char == _ESCAPE:
            read, self._last = read[:-1], _ESCAPE
        return read.replace(_ESCAPE, _SHOWN)


def read_pastes_whole() -> None:
    """Let Textual read the terminal by this parser. May be called again."""
    linux_driver.XTermParser = PasteParser  # type: ignore[attr-defined]
