"""A line that is typed at a terminal somewhere else: what keys do to it, and what is shown.

All keys act at its end, so that each is shown once and nothing is drawn again: screen readers
would read that again, and slow connections carry it. What a key costs does not depend on the
length of the line. Knows no connection.
"""

import re
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from typing import Final, TypeAlias

from rich.cells import cell_len

from chat_shared.limits import MAX_TEXT
from chat_shared.text import CONTROLS, clean_line
from chat_tui.markup.graphemes import boundaries

# Characters of a line: more than any message has, so that a longer one is refused with a sentence.
MAX_LINE: Final = 2 * MAX_TEXT
# Characters typed before they are asked for. Those beyond are ignored, with a bell.
MAX_AHEAD: Final = 65_536
# Earlier lines that the arrows bring back, and the characters of one, since it is drawn at once.
MAX_RECALLED: Final = 20
_MAX_RECALLED_LINE: Final = 500

# Keys that are handled before others have their turn: some milliseconds.
KEYS_AT_ONCE: Final = 100

# Code points in which the last character is looked for.
_LONGEST_CHARACTER: Final = 64

_KEY: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1bO[ -~]|\r\n|[^\x00-\x1f\x7f-\x9f]+|[\x00-\x1f\x7f-\x9f]"
)
# The start of an escape sequence; no key sends a longer one.
_UNFINISHED: Final = re.compile(r"\x1b(?:O|\[[0-?]{0,30}[ -/]{0,2})?\Z")
_PASTE_BEGINS: Final = "\x1b[200~"
_PASTE_ENDS: Final = "\x1b[201~"
_NEWLINE_SHOWN: Final = "⏎"
_BELL: Final = "\a"

PASTES_IN_BRACKETS: Final = "\x1b[?2004h"
PASTES_AS_TYPED: Final = "\x1b[?2004l"


class Signal(Enum):
    """What was typed instead of a line."""

    INTERRUPTED = auto()
    ENDED = auto()


Outcome: TypeAlias = str | Signal


class LineEditor:
    """One line at a time, behind a prompt."""

    def __init__(self, show: Callable[[str], object], columns: int, *, is_dumb: bool) -> None:
        """`show` draws; a dumb terminal knows no escape sequence."""
        self._show = show
        self._columns = max(columns, 1)
        self._is_dumb = is_dumb
        self._prompt = ""
        self._is_secret = False
        self._text = ""
        self._cells = 0  # from the start of the prompt's row to the cursor
        self.is_drawn = False  # whether it is on the terminal
        self._is_displaced = False  # the terminal has another width than when it was drawn
        self._is_pasting = False
        self._ahead = ""
        self._at = 0  # what was handled of that
        self._recalled: deque[str] = deque(maxlen=MAX_RECALLED)
        self._recall = 0  # how many lines back

    # --- for the console

    def ask(self, prompt: str, *, secret: bool = False) -> None:
        """Begin a line."""
        self._prompt, self._is_secret = prompt, secret
        self._text, self._recall = "", 0
        self.draw()

    def feed(self, text: str) -> None:
        """Add what was typed."""
        self._ahead, self._at = self._ahead[self._at :], 0
        free = MAX_AHEAD - len(self._ahead)
        self._ahead += text[:free]
        if len(text) > free:
            self._show(_BELL)

    def forget(self) -> None:
        """Forget what was typed and has not been asked for."""
        self._ahead, self._at = "", 0

    @property
    def is_behind(self) -> bool:
        """Whether keys were left by `take`, or have been typed since."""
        return self._at < len(self._ahead) and not _UNFINISHED.match(self._ahead, self._at)

    def take(self) -> Outcome | None:
        """Handle what was typed up to the end of the line; None if that is not reached.

        At most KEYS_AT_ONCE are handled: others have their turn between two calls.
        """
        for _ in range(KEYS_AT_ONCE):
            if self._at == len(self._ahead):
                return None
            if not self.is_drawn:
                self.draw()
            if _UNFINISHED.match(self._ahead, self._at):
                return None
            key = _KEY.match(self._ahead, self._at)
            assert key is not None  # every character is a key at least
            self._at = key.end()
            if (outcome := self._press(key.group())) is not None:
                self._end_row()
                return outcome
        return None

    def draw(self) -> None:
        """Show the prompt and what has been typed behind it, in a row of their own."""
        self.is_drawn, self._is_displaced, self._cells = True, False, 0
        self._echo(clean_line(self._prompt))
        if not self._is_secret:
            self._echo(_shown(self._text))

    def make_way(self) -> None:
        """Remove the line from the terminal, for something else; `draw` shows it again."""
        if not self.is_drawn:
            return
        self.is_drawn = False
        self._show("\r\n" if self._is_dumb or self._is_displaced else self._to_start())

    def resize(self, columns: int) -> None:
        self._columns = max(columns, 1)
        self._is_displaced = self.is_drawn

    # --- keys

    def _press(self, key: str) -> Outcome | None:
        if self._is_pasting:
            self._paste(key)
            return None
        match key:
            case "\r" | "\n" | "\r\n":
                return self._enter()
            case "\x03":
                return Signal.INTERRUPTED
            case "\x04":
                return Signal.ENDED if not self._text else None
            case _:
                self._edit(key)
                return None

    def _edit(self, key: str) -> None:
        match key:
            case "\x7f" | "\b":
                self._erase(1)
            case "\x15":
                self._replace("")
            case "\x17":
                self._erase(len(self._text) - len(_without_last_word(self._text)))
            case "\x1b[A" | "\x1bOA" | "\x10":
                self._recall_line(1)
            case "\x1b[B" | "\x1bOB" | "\x0e":
                self._recall_line(-1)
            case "\x1b[200~":
                self._is_pasting = True
            case _ if _is_text(key) and key != "\t":
                self._insert(key)

    def _paste(self, key: str) -> None:
        """Insert what is pasted; no part of it is a key."""
        if key == _PASTE_ENDS:
            self._is_pasting = False
        elif key in ("\r", "\n", "\r\n"):
            self._insert("\n")
        elif _is_text(key):
            self._insert(key)

    def _enter(self) -> str:
        if self._text and not self._is_secret and len(self._text) <= _MAX_RECALLED_LINE:
            self._recalled.appendleft(self._text)
        return self._text

    def _insert(self, text: str) -> None:
        text = text[: MAX_LINE - len(self._text)]
        if not text:
            self._show(_BELL)
        self._text += text
        if not self._is_secret:
            self._echo(_shown(text))

    def _erase(self, characters: int) -> None:
        """Erase the last characters, and at least what a reader takes for one."""
        while characters > 0 and self._text:
            tail = self._text[-_LONGEST_CHARACTER:]
            last = tail[boundaries(tail)[-2] :]
            self._text = self._text[: -len(last)]
            characters -= len(last)
            if not self._is_secret:
                self._rub_out(cell_len(_shown(last)))

    def _replace(self, text: str) -> None:
        self.make_way()
        self._text = text
        self.draw()

    def _recall_line(self, step: int) -> None:
        recall = self._recall + step
        if self._is_secret or not 0 <= recall <= len(self._recalled):
            self._show(_BELL)
            return
        self._recall = recall
        self._replace(self._recalled[recall - 1] if recall else "")

    # --- the terminal

    def _echo(self, text: str) -> None:
        self._cells += cell_len(text)
        at_margin = bool(text) and self._cells % self._columns == 0
        # Else the cursor would wait behind the last column, where terminals differ.
        self._show(f"{text} \b" if at_margin and not self._is_dumb else text)

    def _rub_out(self, cells: int) -> None:
        column = self._cells % self._columns
        self._cells = max(0, self._cells - cells)
        if column >= cells or self._is_dumb:
            self._show("\b" * cells + " " * cells + "\b" * cells)
        else:
            self._show(f"\x1b[A\r\x1b[{self._columns - cells}C\x1b[K")

    def _to_start(self) -> str:
        rows = self._cells // self._columns
        return "\r" + (f"\x1b[{rows}A" if rows else "") + "\x1b[J"

    def _end_row(self) -> None:
        self.is_drawn = False
        self._show("\r\n")


def _is_text(key: str) -> bool:
    return CONTROLS.match(key) is None


def _shown(text: str) -> str:
    return clean_line(text.replace("\n", _NEWLINE_SHOWN))


def _without_last_word(text: str) -> str:
    return re.sub(r"\S*\s*\Z", "", text)
