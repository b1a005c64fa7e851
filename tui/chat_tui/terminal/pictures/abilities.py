"""What a terminal says that it can: it is asked, and answers when it likes, or never.

Nothing waits for an answer: a terminal that gives none is sent half blocks.
https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
https://sw.kovidgoyal.net/kitty/graphics-protocol/#querying-support-and-available-transmission-mediums
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from chat_tui.terminal.pictures.cells import Cell, plausible

# Every terminal may be asked these: the size of a cell, its name, and its attributes.
QUESTIONS: Final = "\x1b[16t\x1b[>q\x1b[c"

# And these, those that have said that they know them: how many colors a picture by sixel has, and
# how large it is at most; and whether a picture by kitty's protocol, of one pixel, would be shown.
_HOW_MUCH_SIXEL: Final = "\x1b[?1;1;0S\x1b[?2;4;0S"
_DOES_KITTY: Final = "\x1b_Gi=1,a=q,t=d,f=24,s=1,v=1;AAAA\x1b\\"

_SIXEL: Final = "4"  # among the attributes
_FIRST_WITH_PLACEHOLDERS: Final = (0, 28)  # of kitty


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a terminal has said so far."""

    has_sixel: bool = False
    colors: int | None = None
    """Colors of a picture by sixel."""
    largest: tuple[int, int] | None = None
    """Width and height of a picture by sixel, in pixels."""
    knows_placeholders: bool = False
    """It is a terminal that places pictures by kitty's protocol among text."""
    has_kitty: bool = False
    """It knows placeholders, and has not switched its graphics off."""
    cell: Cell | None = None
    """Width and height of a cell in pixels."""


def learn(known: Abilities, report: str) -> tuple[Abilities, str]:
    """Return what is known of a terminal after its `report`, and what to ask it next."""
    for pattern, understand in _REPORTS:
        if (match := pattern.fullmatch(report)) is not None:
            now = understand(known, match)
            return now, _next_questions(known, now)
    return known, ""


def _next_questions(before: Abilities, now: Abilities) -> str:
    if now.has_sixel and not before.has_sixel:
        return _HOW_MUCH_SIXEL
    return _DOES_KITTY if now.knows_placeholders and not before.knows_placeholders else ""


def _attributes(known: Abilities, match: re.Match[str]) -> Abilities:
    _, *attributes = match[1].split(";")  # the first is of the terminal's class
    return replace(known, has_sixel=_SIXEL in attributes)


def _colors(known: Abilities, match: re.Match[str]) -> Abilities:
    return replace(known, colors=int(match[1]))


def _largest(known: Abilities, match: re.Match[str]) -> Abilities:
    largest = int(match[1]), int(match[2])
    return replace(known, largest=largest if min(largest) > 0 else None)


def _cell(known: Abilities, match: re.Match[str]) -> Abilities:
    return replace(known, cell=plausible((int(match[2]), int(match[1]))))


def _kitty(known: Abilities, match: re.Match[str]) -> Abilities:
    version = int(match[1]), int(match[2])
    return replace(known, knows_placeholders=version >= _FIRST_WITH_PLACEHOLDERS)


def _ghostty(known: Abilities, match: re.Match[str]) -> Abilities:
    return replace(known, knows_placeholders=True)


def _shown(known: Abilities, match: re.Match[str]) -> Abilities:
    return replace(known, has_kitty=known.knows_placeholders)


# Numbers of so many digits that Python reads each, and a terminal may mean it.
_N: Final = r"(\d{1,6})"
_Understand = Callable[[Abilities, re.Match[str]], Abilities]
_REPORTS: Final[tuple[tuple[re.Pattern[str], _Understand], ...]] = (
    (re.compile(r"\x1b\[\?(\d[\d;]*)c"), _attributes),
    (re.compile(rf"\x1b\[\?1;0;{_N}S"), _colors),
    (re.compile(rf"\x1b\[\?2;0;{_N};{_N}S"), _largest),
    (re.compile(rf"\x1b\[6;{_N};{_N}t"), _cell),
    (re.compile(rf"\x1bP>\|kitty\({_N}\.{_N}[ -~]*\x1b\\"), _kitty),
    (re.compile(r"\x1bP>\|ghostty[ -~]*\x1b\\"), _ghostty),
    (re.compile(r"\x1b_Gi=1;OK\x1b\\"), _shown),
)
