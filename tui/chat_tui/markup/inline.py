"""Parses the inline markup of one line: bold, italic, code, links, mentions, emoji.

Text as typed takes precedence: a mark that is not closed, or that is inside a word or a
formula, stays text. Code and addresses are not parsed further. One pass and a stack, so
that the cost of any line is linear in its length. Knows no colours and no other lines.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from chat_shared.markup import BARE_LINK, CODE, TITLED_LINK, Backticks
from chat_shared.mentions import MENTION, name_end
from chat_tui.markup.emoji import emoji_for
from chat_tui.markup.links import target, without_trailing

Looks = tuple[str, ...]


class Piece(NamedTuple):
    """Some text of one kind."""

    text: str
    looks: Looks = ()
    """Any of "bold", "italic", "strike", "code", "link", "host", "call" (a mention)."""
    link: str = ""
    """Where it leads."""
    copied: str | None = None
    """The text to copy in its place."""


_TOKEN: Final = re.compile(
    rf"(?P<code>{CODE})|(?P<titled>{TITLED_LINK})|(?P<bare>{BARE_LINK})"
    r"|(?P<emoji>(?<![\w:])(?::[\w+-]{1,60}+:)++(?![\w:]))"
    rf"|(?P<call>{MENTION})|(?P<mark>\*++|_++|~++)",
    re.IGNORECASE,
)

_LOOKS: Final[dict[str, Looks]] = {
    "*": ("italic",),
    "_": ("italic",),
    "**": ("bold",),
    "***": ("bold", "italic"),
    "~~": ("strike",),
}

# A mark opens after these, after a space and at the start of a line. After a closing
# bracket or a full stop, stars are formulas and patterns: `(a)*(b)*(c)`, `.*x.*`.
_BEFORE_OPENING: Final = frozenset("([{<\"'“‘«„‚-–—/|>*_~¿¡")
_AFTER_CLOSING_NOT: Final = frozenset("([{<\\")

# From this code point on, scripts are written without spaces between words.
_CJK: Final = 0x2E80


def pieces(line: str, *, mentions: bool = True) -> list[Piece]:
    """Return `line` in pieces; their texts joined are the line without its marks.

    Where `mentions` is false, as in a quote, nobody is mentioned.
    """
    tokens = _tokens(line)
    return _marked(list(tokens if mentions else map(_unmentioned, tokens)))


def _unmentioned(token: "Piece | _Mark") -> "Piece | _Mark":
    return token._replace(looks=()) if isinstance(token, Piece) and "call" in token.looks else token


class _Mark(NamedTuple):
    """A run of stars, underscores or tildes that may open or close a pair."""

    text: str
    opens: bool
    closes: bool


def _tokens(line: str) -> Iterator[Piece | _Mark]:
    backticks = Backticks(line)
    at = 0
    while found := _TOKEN.search(line, at):
        if at < found.start():
            yield Piece(line[at : found.start()])
        token, at = _token(line, found, backticks)
        yield from token
    if at < len(line):
        yield Piece(line[at:])


def _token(
    line: str, found: re.Match[str], backticks: Backticks
) -> tuple[list[Piece] | list[_Mark], int]:
    """Return the tokens of a match, and where to continue."""
    text, end = found.group(), found.end()
    match found.lastgroup:
        case "code":
            return _code(line, found.start(), end, backticks)
        case "titled":
            return _titled(text, found["title"], found["address"]), end
        case "bare":
            address = without_trailing(text)
            return _bare(address), found.start() + len(address)
        case "emoji":
            return [Piece(_emoji(text))], end
        case "call":
            end = name_end(line, end)
            return [Piece(line[found.start() : end], ("call",))], end
        case _:
            return [_mark(line, found)], end


def _code(line: str, start: int, end: int, backticks: Backticks) -> tuple[list[Piece], int]:
    """Return the code opened by the backticks from `start` to `end`, if it is closed."""
    close = backticks.closing(start, end)
    if close is None:
        return [Piece(line[start:end])], end
    code = line[end:close]
    if code.startswith(" ") and code.endswith(" ") and code.strip():
        code = code[1:-1]  # the syntax for code that begins with a backtick
    return [Piece(code, ("code",))], close + end - start


# --- links, emoji


def _titled(text: str, title: str, address: str) -> list[Piece]:
    """Return a link with a title, followed by the host that it leads to."""
    where = target(address)
    if where is None or not title.strip():
        return [Piece(text)]
    if title == address:
        return _bare(address)
    host = Piece(f" ({where.host})", ("host",), where.url, f" ({where.url})")
    return [Piece(title, ("link",), where.url), host]


def _bare(address: str) -> list[Piece]:
    where = target(address)
    if where is None:
        return [Piece(address)]
    return [Piece(address, ("link",), where.url)]


def _emoji(text: str) -> str:
    """Return a run of shortcodes with the known ones replaced by emoji."""
    found = ((name, emoji_for(name[1:-1])) for name in re.findall(":[^:]+:", text))
    return "".join(emoji or name for name, emoji in found)


# --- bold, italic, strikethrough


def _mark(line: str, found: re.Match[str]) -> _Mark:
    before = line[found.start() - 1] if found.start() else " "
    after = line[found.end()] if found.end() < len(line) else " "
    known = found.group() in _LOOKS and before != "\\"
    opens = before.isspace() or before in _BEFORE_OPENING or _is_cjk(before)
    closes = not _is_word(after) and after not in _AFTER_CLOSING_NOT
    return _Mark(
        found.group(), known and opens and not after.isspace(),
        known and closes and not before.isspace(),
    )  # fmt: skip


def _is_word(char: str) -> bool:
    return char.isalnum() and not _is_cjk(char)


def _is_cjk(char: str) -> bool:
    return ord(char) >= _CJK


def _marked(tokens: list[Piece | _Mark]) -> list[Piece]:
    """Return the pieces with the looks of the marks around them."""
    opening, closing = _pairs(tokens)
    active: Counter[str] = Counter()
    done: list[Piece] = []
    for at, token in enumerate(tokens):
        looks = tuple(look for look in active if active[look])
        if at in opening:
            active.update(opening[at])
        elif at in closing:
            active.subtract(closing[at])
        elif isinstance(token, _Mark):
            done.append(Piece(token.text, looks))
        else:
            done.append(token._replace(looks=token.looks + looks))
    return done


def _pairs(tokens: list[Piece | _Mark]) -> tuple[dict[int, Looks], dict[int, Looks]]:
    """Return which marks open and which close, with their looks."""
    stack = _Stack()
    for at, token in enumerate(tokens):
        if not isinstance(token, _Mark):
            continue
        if not (token.closes and stack.close(token.text, at)) and token.opens:
            stack.open(token.text, at)
    return stack.opening, stack.closing


class _Stack:
    """The open marks. Each is pushed and popped once, so the cost is linear."""

    def __init__(self) -> None:
        self.opening: dict[int, Looks] = {}
        self.closing: dict[int, Looks] = {}
        self._open: list[tuple[str, int]] = []
        self._counts: Counter[str] = Counter()

    def open(self, run: str, at: int) -> None:
        self._open.append((run, at))
        self._counts[run] += 1

    def close(self, run: str, at: int) -> bool:
        """Close the nearest open `run`, if any; marks opened since stay text."""
        if self._counts[run]:
            self._pair(run, at)
        elif run == "***" and self._counts["*"] and self._counts["**"]:
            for part in ("**", "*") if self._open[-1][0] == "**" else ("*", "**"):
                if self._counts[part]:
                    self._pair(part, at)
        else:
            return False
        return True

    def _pair(self, run: str, at: int) -> None:
        while True:
            opened, start = self._open.pop()
            self._counts[opened] -= 1
            if opened == run:
                break
        self.opening[start] = _LOOKS[run]
        self.closing[at] = self.closing.get(at, ()) + _LOOKS[run]
