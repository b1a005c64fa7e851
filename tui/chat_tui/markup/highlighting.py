"""Syntax highlighting: the kinds of the words in a piece of code.

Pygments does the lexing. It is imported at the first code block with a language. Its
lexers are not made for hostile input, so only proven ones are used, on code of bounded
length, for a bounded time.
"""

import time
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

# Longer code is not highlighted: this is about two screens.
MAX_CODE: Final = 4_000

# Seconds of CPU time for one piece; ordinary code takes a tenth of it. Some lexers scan
# all of the rest at each word of code that is made to slow them down. What they have not
# reached by then is not highlighted.
PATIENCE: Final = 0.02

KEPT: Final = 200  # pieces of code whose result is cached

# Pygments' name for a language, and other names that people write after a fence.
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
    """A range of characters of the code, and its kind, one of `KINDS`."""

    start: int
    end: int
    kind: str


class Lexer(Protocol):
    """A lexer of Pygments."""

    def get_tokens_unprocessed(self, text: str) -> Iterable[tuple[int, object, str]]: ...


@lru_cache(KEPT)
def words(language: str, code: str) -> tuple[Word, ...]:
    """Return the words of `code` to highlight, in order; none if the language is unknown."""
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
