"""Takes apart what a terminal sends: what is typed in it, and what it reports of itself.

Knows no keys, and not what the reports mean. https://vt100.net/emu/dec_ansi_parser
"""

import re
from collections.abc import Iterator
from typing import Final

ESCAPE: Final = "\x1b"

# Seconds that the rest of an escape sequence may take. The Escape key alone must act sooner.
PATIENCE: Final = 1.0

# Characters of one sequence. Of a longer one, which no terminal means, the beginning is forgotten.
MAX_SEQUENCE: Final = 512

_SHORTEST: Final = 2  # characters: Escape, or Alt, and a key
_KIND: Final = 3  # characters that say of which kind a sequence is

# Control sequences; function keys; strings, which end with `ESC \` or the bell.
_UNFINISHED: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|O|[P\]_][^\x00-\x1f\x7f]*\x1b?)?")
_SEQUENCE: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O[ -~])")
_STRING: Final = re.compile(r"\x1b[P\]_][^\x00-\x1f\x7f]*(?:\x1b\\|\x07)")
# Keys of rxvt with Shift, where the grammar wants another character.
_RXVT: Final = re.compile(r"\x1b\[\d+\$")

# Strings that terminals report something by. Others may have been typed: Escape, and then words.
_BEGINS: Final = re.compile(r"\x1b(?:P[\d>!$+|]|_G|\]\d)")

# Control sequences that no terminal means, and that Textual fails on: greater numbers than any key,
# place or size has; parts of numbers where nobody asked for them; and sizes of nothing.
_SENSELESS: Final = re.compile(
    r"\x1b\[(?:.*\d{7}|[^;]*(?:;[^;]*)?:|48;(?:.*;)?0*(?:;.*)?t)", re.DOTALL
)

# What no key and no mouse sends. Textual reads the state of a mode (`$y`).
_REPORT: Final = re.compile(
    rf"{_STRING.pattern}|\x1b\[[?>=](?!.*\$y)[0-?]*[ -/]*[@-~]"
    r"|\x1b\[[\d;]+[cn]|\x1b\[[468];\d+;\d+t"
)


def is_report(piece: str) -> bool:
    """Return whether `piece`, of those that are taken apart, is a report of the terminal."""
    return _REPORT.fullmatch(piece) is not None


class Sequences:
    """Holds a sequence back until its end has come."""

    def __init__(self) -> None:
        self._held = ""
        self._since = 0.0

    def split(self, data: str, now: float) -> Iterator[str]:
        """Yield what is complete: each report alone, and the rest as it is.

        Of a sequence that is cut off, or that makes no sense, nothing is typed. `now` is the time
        in seconds.
        """
        typed = ""
        for char in data:
            if not self._held:
                self._since = now
            piece = self._next(char)
            if is_report(piece):
                yield from filter(None, (typed, piece))
                typed = ""
            else:
                typed += piece
        if typed:
            yield typed

    def give_up(self, now: float, escape_after: float) -> str:
        """Return what was held back and is typed after all, as its end is late.

        An escape character alone is the Escape key after `escape_after` seconds.
        """
        held = self._held
        if not held or now - self._since < (escape_after if held == ESCAPE else PATIENCE):
            return ""
        self._held = ""
        return _typed(held)

    def _next(self, char: str) -> str:
        """Return what is complete with `char`, as far as it is not left out."""
        read, self._held = self._held + char, ""
        if _RXVT.fullmatch(read):
            return read
        if _UNFINISHED.fullmatch(read):
            typed = _typed(read) if len(read) > MAX_SEQUENCE else ""
            kept = read if len(read) <= MAX_SEQUENCE else read[:_KIND]
            self._held = "" if typed else kept
            return typed
        if read == ESCAPE * 2:
            self._held = ESCAPE
            return ESCAPE
        if len(read) <= _SHORTEST or _SEQUENCE.fullmatch(read) or _STRING.fullmatch(read):
            return "" if _SENSELESS.match(read) else read
        # Cut off: the last characters begin anew.
        self._held = ESCAPE if read[-2] == ESCAPE else ""
        return _typed(read[: -1 - len(self._held)]) + self._next(char)


def _typed(cut_off: str) -> str:
    """Return what has been typed of a sequence that was cut off."""
    is_string = cut_off[1:2] in tuple("P]_")
    return cut_off if cut_off == ESCAPE or (is_string and not _BEGINS.match(cut_off)) else ""
