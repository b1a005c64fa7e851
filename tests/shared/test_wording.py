"""Code and pages use the field's standard words, one word per thing.

Each phrase below has a standard word that is used instead everywhere: in names, comments, logs,
texts for users and pages. Words that also have an ordinary meaning are left to the reader's eye.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

_ROOT: Final = Path(__file__).parents[2]
_SUFFIXES: Final = {".md", ".py", ".tcss", ".toml"}

# A phrase that must not occur, in regular-expression syntax, and what to use instead.
_INSTEAD: Final = {
    "houses?": "services, server",
    "furnish(es|ed)?": "build",
    "backstage": "background tasks",
    "upkeep": "maintenance",
    "takeover": "legacy import",
    "doors?": "protocol, listener, connection handler",
    "arrivals?": "log-in, catch-up",
    "partings?": "leaving",
    "succession": "ownership",
    "bequeath(s|ed)?": "transfer",
    "heirs?": "successor",
    "disband(s|ed)?": "close",
    "deeds?": "audit entry",
    "attendance": "presence",
    "hearers?": "listener",
    "farewells?": "close reason",
    "strangeness": "fingerprint mismatch",
    "strange servers?": "unknown server",
    "typists": "typing indicator",
    "untold": "dirty",
    "unheard": "never sent",
    "rooms? of two": "direct messages, DM room",
    "for good": "permanently, until lifted",
    "(is|are|becomes?) void": "revoked, stops working",
    "(came|come|comes|coming) in": "joined, connected",
    "(sent|send|sends|sending) away": "disconnect, remove",
    "(put|puts) out": "remove",
    "the line (is|was|breaks|comes)": "the connection",
    "lines? (that )?(is|are|was|were) (lost|cut|dead)": "connection lost",
    "who(m)?ever": "anyone who, the person who",
    "what ?ever (is|was) said": "messages",
    "what (is|was) said": "messages",
    "(some|any)body who": "someone who; a person who",
    "(is|are|was|were) said": "is shown, reported, posted",
    "(is|are|was|were) to be": "must be, should be",
    "of which one (is|was)": "that the account is a member of",
    "oneself": "yourself",
    "one'?s own": "your own",
    "let(s)? (some|any|no)body": "lets a person, nobody can",
    "(any|some)body's": "anyone's, someone's",
    "who (is|was) here": "who is online",
    "the most allowed": "the limit",
    "of late": "recently",
    "(calls?|called) (somebody|someone|you) by name": "mentions",
    "(is|are|was|were) no more(?! than)": "is gone, was deleted",
}

# A space, or a line break inside a paragraph or a comment.
_SPACE: Final = r"(?: |\n *(?:# )?)"

# Words that have an ordinary meaning in a sentence, and none as a name in the code.
_NOT_NAMES: Final = {
    "conclude": "close",
    "dial": "connect",
    "guesses": "attempts",
    "guest": "session, client",
    "hangup": "sighup",
    "hear": "deliver, receive",
    "heard": "received",
    "news": "events",
    "nowhere": "NO_FD",
    "noted": "audit entry",
    "said": "posted, texts",
    "stirred": "wakeup",
    "teller": "receipts",
    "told": "events, sent",
    "visit": "connection, handler",
    "whom": "target",
}

# Where a name may contain such a word, as a pattern of paths, and what it means there.
_NAMED_THERE: Final = {
    # A person with a temporary account. Not someone who uses the gateway.
    "guest": r"(?!tui/chat_tui/gateway|tests/tui/gateway|tests/benchmarks|server/chat_server/net)",
}

# Where such a word is right, as a pattern, and why.
_ALLOWED: Final = {
    r"`heir`|\bheir(=|: str|\")|\"heir\"|\.heir\b": "the field of `exit` on the wire",
    r"for good measure": "an idiom",
    r"🏠 house\|🏡 house|🚪 door\b": "names of emoji",
}


def _files() -> Iterator[Path]:
    """Yield the project's files: the pages and the packages' code."""
    yield from (path for path in _ROOT.iterdir() if path.is_file())
    for folder in ("server", "tui", "shared", "tests"):
        yield from (_ROOT / folder).rglob("*")


def _words(text: str) -> str:
    """Return `text` with identifiers taken apart: `leaveRoom` and `leave_room` as `leave room`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", text)


@cache
def _texts() -> dict[str, str]:
    """Return each page and module, by its path, without what is allowed."""
    allowed = re.compile("|".join(_ALLOWED))
    return {
        path.relative_to(_ROOT).as_posix(): _words(
            allowed.sub(" ", path.read_text(encoding="utf-8"))
        ).lower()
        for path in sorted(_files())
        if path.suffix in _SUFFIXES and path != Path(__file__)
    }


def _named(node: ast.AST) -> str:
    """Return the name that `node` gives to something, if it does."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
            return name
        case ast.Attribute(attr=name, ctx=ast.Store()):
            return name
    return ""


@cache
def _names() -> list[tuple[str, str]]:
    """Return each name that the code gives to something, with its place."""
    return [
        (f"{path.relative_to(_ROOT).as_posix()}:{getattr(node, 'lineno', 0)}", name)
        for path in sorted(_files())
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_bytes()))
        if (name := _named(node)) and not name.startswith("test_")
    ]


def _phrases(phrase: str, texts: Iterable[tuple[str, str]]) -> list[str]:
    """Return where `phrase` occurs in `texts`, and how."""
    pattern = re.compile(rf"\b({phrase.replace(' ', _SPACE)})\b")
    return [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}"
        for name, text in texts
        for match in pattern.finditer(text)
    ]


def _names_with(word: str, names: Iterable[tuple[str, str]]) -> list[str]:
    """Return which of `names` contain `word`, and where, unless they may there."""
    allowed = re.compile(_NAMED_THERE.get(word, "(?!)"))
    return [
        f"{place}: {name}"
        for place, name in names
        if word in _words(name).lower().split() and not allowed.match(place)
    ]


@pytest.mark.parametrize("phrase", _INSTEAD)
def test_a_standard_word_is_used_instead(phrase: str) -> None:
    assert _phrases(phrase, _texts().items()) == [], f"use instead: {_INSTEAD[phrase]}"


@pytest.mark.parametrize("word", _NOT_NAMES)
def test_a_name_uses_the_standard_word(word: str) -> None:
    assert _names_with(word, _names()) == [], f"use instead: {_NOT_NAMES[word]}"
