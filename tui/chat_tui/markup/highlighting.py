"""What the words of a program are, so that they can be coloured.

Pygments does the reading. It is imported when somebody first says which
language a piece of code is in; its grammars are not made for enemies, so only
well-tried ones are used, on pieces of a bounded length, for a bounded time.
"""

import time
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

# Longer code stays without colours: this is about two screens.
MAX_CODE: Final = 4_000

# Seconds of computing for one piece; ordinary code takes a tenth. Some grammars
# look through all that follows at each word of what was made to slow them down.
# What they did not get to by then stays without colours.
PATIENCE: Final = 0.02

KEPT: Final = 200  # pieces of code whose colours are remembered

# What Pygments calls a language, and what else people write behind a fence.
_LANGUAGES: Final = """
bash sh shell zsh console|c h|cpp c++ hpp|csharp c# cs|css|diff patch|docker dockerfile|go golang
html|java|javascript js|json|kotlin kt|lua|make makefile|php|python py|ruby rb|rust rs|sql|swift
toml|typescript ts|xml|yaml yml
"""
LANGUAGES: Final = {
    name: names.split()[0]
    for names in _LANGUAGES.strip().replace("\n", "|").split("|")
    for name in names.split()
}

KINDS: Final = ("keyword", "string", "comment", "number", "name", "added", "removed")
_KIND_OF: Final = {
    "Keyword": "keyword",
    "Operator.Word": "keyword",
    "Literal.String": "string",
    "Literal.Number": "number",
    "Comment": "comment",
    "Name.Function": "name",
    "Name.Class": "name",
    "Name.Tag": "name",
    "Name.Attribute": "name",
    "Name.Decorator": "name",
    "Name.Builtin": "name",
    "Generic.Inserted": "added",
    "Generic.Deleted": "removed",
    "Generic.Subheading": "comment",
}


class Word(NamedTuple):
    """Some characters of the code, and which of `KINDS` they are."""

    start: int
    end: int
    kind: str


class Lexer(Protocol):
    """What Pygments has for a language."""

    def get_tokens_unprocessed(self, text: str) -> Iterable[tuple[int, object, str]]: ...


@lru_cache(KEPT)
def words(language: str, code: str) -> tuple[Word, ...]:
    """Return what is worth a colour in `code`, in order; nothing if the language is not known."""
    name = LANGUAGES.get(language.lower())
    if name is None or len(code) > MAX_CODE:
        return ()
    return tuple(word for word in _read(_lexer(name), code) if word.kind)


def _read(lexer: Lexer, code: str) -> Iterator[Word]:
    end = time.thread_time() + PATIENCE
    for at, token, text in lexer.get_tokens_unprocessed(code):
        yield Word(at, at + len(text), _kind(str(token)))
        if time.thread_time() > end:
            return


@lru_cache(len(LANGUAGES))
def _lexer(name: str) -> Lexer:
    from pygments.lexers import get_lexer_by_name

    lexer: Lexer = get_lexer_by_name(name)
    return lexer


@lru_cache(500)
def _kind(token: str) -> str:
    """Return the kind of the token `Token.Name.Function.Magic`: that of its nearest ancestor."""
    parts = token.split(".")[1:]
    while parts:
        if kind := _KIND_OF.get(".".join(parts)):
            return kind
        parts.pop()
    return ""
