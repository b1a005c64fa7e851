"""Everything that the client uses of Textual's private API, in one place.

Textual has no public way to correct its table of keys, to read a paste differently, or to
write to the terminal besides drawing the screen. Check these after an update of Textual.
"""

from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import partial
from typing import Final

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers import linux_driver
from textual.message import Message

_START: Final = "\x1b[200~"
_END: Final = "\x1b[201~"
_ESCAPE: Final = "\x1b"
_SHOWN: Final = "␛"


def patch_textual() -> None:
    """Correct Textual's keys, pastes and decoding. May be called again."""
    _patch_keys()
    linux_driver.getincrementaldecoder = _lenient_decoder  # type: ignore[assignment, attr-defined]
    linux_driver.XTermParser = PasteParser  # type: ignore[attr-defined]


def _lenient_decoder(encoding: str) -> Callable[[], IncrementalDecoder]:
    """Return a decoder that shows bytes it cannot decode, where Textual's ends the client.

    Terminals with another encoding send such bytes, and old ones that report the mouse.
    """
    return partial(getincrementaldecoder(encoding), errors="replace")


class _AltEnter(StrEnum):
    ALT_ENTER = "alt+enter"


def _patch_keys() -> None:
    """Read Alt keys as terminals without the Kitty protocol send them.

    Textual takes ESC 1 for the character that Option+1 types on a Mac, and ESC CR for
    Enter. Here the first is Alt+1, which types nothing, and the second Alt+Enter, which
    starts a new line instead of sending half a message.
    """
    table: dict[str, object] = ANSI_SEQUENCES_KEYS  # type: ignore[assignment]
    for digit in "0123456789":
        table.pop(f"\x1b{digit}", None)
    table["\x1b\r"] = (_AltEnter.ALT_ENTER,)


class PasteParser(XTermParser):
    """Replaces every escape character in pasted text by a visible symbol.

    Textual takes the characters after an escape character for keys even within a paste:
    an Enter among them would send half of it. Most terminals remove escape characters
    from what they paste; tmux does not.
    """

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._is_pasting = False
        # The last characters read; within a paste, those that may begin its end marker.
        self._last = ""

    def feed(self, data: str) -> Iterable[Message]:
        harmless = "".join(map(self._read, data))
        if harmless or not data:  # no data is the end of the input
            yield from super().feed(harmless)

    def _read(self, char: str) -> str:
        return self._read_pasted(char) if self._is_pasting else self._read_typed(char)

    def _read_typed(self, char: str) -> str:
        self._last = (self._last + char)[-len(_START) :]
        if self._last == _START:
            self._is_pasting, self._last = True, ""
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
        if char == _ESCAPE:
            read, self._last = read[:-1], _ESCAPE
        return read.replace(_ESCAPE, _SHOWN)


def write_to_terminal(app: App[object], sequence: str) -> None:
    """Write `sequence` to the terminal of `app`, if it has one, besides drawing the screen."""
    if app._driver is not None:
        app._driver.write(sequence)
