"""Completions of the word before the cursor: a command, its argument, a name, an emoji. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from chat_shared.markup import OUTSIDE_WORD
from chat_shared.names import fold
from chat_tui.commands import parser, paths
from chat_tui.markup import emoji

_MOST: Final = 8  # choices: what fits above a composer on 24 rows
# A name or an emoji may also begin behind punctuation: `(@ada`, `**:tada`.
_NAME: Final = re.compile(rf"{OUTSIDE_WORD}@[^@\s]*$")
_EMOJI: Final = re.compile(r"(?<![\w:]):[^:\s]*$")
_SHORTEST_EMOJI: Final = 2  # characters after the colon, so that `:D` and `12:30` offer nothing


@dataclass(frozen=True, slots=True)
class Choice:
    text: str
    """What replaces the word if this is chosen."""
    what: str = ""
    """The explanation displayed beside it."""


@dataclass(frozen=True, slots=True)
class Completion:
    """The word from `start` up to the cursor, and what it may become; never empty."""

    start: int
    choices: tuple[Choice, ...]


def no_paths(_: str) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Known:
    """What can be named where something is typed."""

    names: Sequence[str] = ()
    """The members of the open room."""
    rooms: Sequence[str] = ()
    people: Callable[[], Iterable[str]] = tuple
    """Returns everyone who may get a direct message; it goes through all rooms."""
    guest: bool = False
    """Whether a guest types."""
    paths: Callable[[str], Iterable[str]] = no_paths
    """Returns the paths of this computer that begin so, those of folders with a / at the end."""


def complete(text: str, cursor: int, known: Known) -> Completion | None:
    """Return the completions of the word that ends at `cursor`, or None if there are none."""
    before = text[:cursor]
    if (found := _paths(before, known)) is not None:
        return found
    start = max(before.rfind(blank) for blank in " \n\t") + 1
    inner = (kind.search(before, start) for kind in (_NAME, _EMOJI))
    start = max([start, *(found.start() for found in inner if found)])
    word = before[start:]
    choices = tuple(islice(_choices(before, start, word, known), _MOST))
    if not choices or [choice.text.rstrip() for choice in choices] == [word]:
        return None
    return Completion(start, choices)


def _paths(before: str, known: Known) -> Completion | None:
    """Return the completions of a path that is being typed after a command for files."""
    name, blank, typed = before.partition(" ")
    command = parser.find(name[1:]) if blank and name.startswith("/") else None
    if command is None or command.completes != "path" or paths.has_caption(typed):
        return None
    at, word = paths.last_word(typed)
    is_offered = bool(word) or not typed  # behind a path, a text may follow as well
    found = islice(known.paths(word) if is_offered else (), _MOST)
    choices = tuple(Choice(_completed(path)) for path in found)
    start = len(before) - len(typed) + at
    if not choices or [choice.text.rstrip() for choice in choices] == [before[start:]]:
        return None
    return Completion(start, choices)


def _completed(path: str) -> str:
    """Return a path as it is completed: that of a folder goes on."""
    word = paths.quoted(path)
    return word if word.endswith("/") else f"{word} "


def _choices(before: str, start: int, word: str, known: Known) -> Iterator[Choice]:
    completes = ""
    if before.startswith("/") and not before.startswith("//") and "\n" not in before:
        completes = _completes(before)
        yield from _commands(word, known) if start == 0 else ()
    names = known.people() if completes == "person" else known.names
    if completes and completes != "path":
        meant = known.rooms if completes == "room" else names
        yield from (Choice(f"{name} ") for name in _beginning(word, meant))
    if word.startswith("@"):
        yield from (Choice(f"@{name} ") for name in _beginning(word[1:], names))
    elif word.startswith(":") and len(word) > _SHORTEST_EMOJI:
        yield from (Choice(f"{sign} ", f":{name}:") for name, sign in emoji.matching(word[1:]))


def _commands(word: str, known: Known) -> Iterator[Choice]:
    for command in parser.offered(guest=known.guest):
        if name := command.name_from(word[1:].lower()):
            what = f"{command.arguments}  {command.help_as(name)}"
            yield Choice(f"/{name} ", what.strip())


def _completes(before: str) -> str:
    """Return what a command's first argument names, while that argument is being typed."""
    name, *arguments = before[1:].split(" ")
    command = parser.find(name)
    return command.completes if command is not None and len(arguments) == 1 else ""


def _beginning(prefix: str, words: Iterable[str]) -> Iterator[str]:
    folded = fold(prefix)
    return (word for word in sorted(words, key=fold) if fold(word).startswith(folded))


class Cycle:
    """Steps through the choices of one completion; `text` is the line with the current one."""

    def __init__(self, completion: Completion, text: str, cursor: int) -> None:
        self.completion = completion
        self.at: int | None = None  # the choice in the text; None before the first step
        self.text = text
        self.end = cursor  # of the text that the next choice replaces

    def step(self, by: int) -> tuple[int, int, str]:
        """Go to the next choice; return the start and end of what to replace, and by what."""
        number = len(self.completion.choices)
        self.at = (self.at + by) % number if self.at is not None else (0 if by > 0 else number - 1)
        chosen = self.completion.choices[self.at].text
        start, end = self.completion.start, self.end
        self.text = self.text[:start] + chosen + self.text[end:]
        self.end = start + len(chosen)
        return start, end, chosen
