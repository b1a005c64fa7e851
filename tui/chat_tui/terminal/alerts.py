"""The terminal's title and its notifications.

Text of other people is made safe here once more, as it is written to the terminal
unprocessed. Knows no Textual: a `Terminal` is given a function to write with.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias

from chat_shared.text import clean_line

Way: TypeAlias = Literal["bell", "osc9", "osc777", "off"]

_LONGEST: Final = 200  # characters of a notification: more than any desktop shows
_BELL: Final = "\a"
_END: Final = "\x1b\\"
# Terminals that keep a stack of titles put the old one back; the others ignore both.
_PUSH_TITLE: Final = "\x1b[22;2t"
_POP_TITLE: Final = "\x1b[23;2t"


class Terminal:
    """Writes through `write`, which may be called at any time."""

    def __init__(self, write: Callable[[str], object], environ: Mapping[str, str]) -> None:
        self._write = write
        self._in_tmux = bool(environ.get("TMUX"))
        self._title = ""

    def title(self, text: str) -> None:
        """Set the window's title."""
        title = _harmless(text)
        if title == self._title:
            return
        if not self._title:
            self._write(_PUSH_TITLE)
        self._title = title
        self._write_title()

    def begin_again(self) -> None:
        """Set the title of another window, which shows the client from now on."""
        if self._title:
            self._write(_PUSH_TITLE)
            self._write_title()

    def restore(self) -> None:
        """Restore the window's previous title."""
        if self._title:
            self._write(_POP_TITLE)
        self._title = ""

    def notify(self, way: Way, text: str) -> None:
        """Notify a user who is looking elsewhere."""
        text = _harmless(text)
        match way:
            case "bell":
                self._write(_BELL)
            case "osc9":
                # The prefix keeps the text from being a number, which some show as progress.
                self._write(self._through(f"\x1b]9;Trialogue: {text}{_END}"))
            case "osc777":
                # Many end the text at a semicolon; others then ignore the whole sequence.
                text = text.replace(";", ",")
                self._write(self._through(f"\x1b]777;notify;Trialogue;{text}{_END}"))

    def _write_title(self) -> None:
        self._write(f"\x1b]2;{self._title}{_END}")

    def _through(self, sequence: str) -> str:
        """Return `sequence`, wrapped so that tmux passes it on to its terminal."""
        if not self._in_tmux:
            return sequence
        return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}{_END}"


def _harmless(text: str) -> str:
    return clean_line(text)[:_LONGEST]
