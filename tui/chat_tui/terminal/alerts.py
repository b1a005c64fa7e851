"""What the terminal is told besides the screen: its title, and that somebody is wanted.

Everything that others wrote is made harmless here, once more: these go to the
terminal as they are. Knows no Textual; whoever makes a `Terminal` says how to
write to it.
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
        """Call the window `text`."""
        title = _harmless(text)
        if title == self._title:
            return
        if not self._title:
            self._write(_PUSH_TITLE)
        self._title = title
        self._write(f"\x1b]2;{title}{_END}")

    def restore(self) -> None:
        """Give the window the title back that it had."""
        if self._title:
            self._write(_POP_TITLE)
        self._title = ""

    def notify(self, way: Way, text: str) -> None:
        """Tell somebody who is looking elsewhere."""
        text = _harmless(text)
        match way:
            case "bell":
                self._write(_BELL)
            case "osc9":
                # The first words keep this from being a number, which some take as a progress bar.
                self._write(self._through(f"\x1b]9;Trialogue: {text}{_END}"))
            case "osc777":
                # For many the text ends at the next semicolon; others ignore the whole then.
                text = text.replace(";", ",")
                self._write(self._through(f"\x1b]777;notify;Trialogue;{text}{_END}"))

    def _through(self, sequence: str) -> str:
        """Return `sequence` so that tmux hands it on to the terminal around it."""
        if not self._in_tmux:
            return sequence
        return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}{_END}"


def _harmless(text: str) -> str:
    return clean_line(text)[:_LONGEST]
