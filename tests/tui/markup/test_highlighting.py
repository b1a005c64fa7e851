"""Code is highlighted in bounded time."""

import subprocess
import sys
import time

import pytest

from chat_tui.markup.highlighting import KINDS, LANGUAGES, MAX_CODE, words

CODE = "def f(x):  # why\n    return 'a' + 1"


def found(language: str, code: str) -> list[tuple[str, str]]:
    return [(code[word.start : word.end], word.kind) for word in words(language, code)]


def test_kinds_of_words_are_distinguished() -> None:
    kinds = found("python", CODE)

    for pair in (("def", "keyword"), ("f", "name"), ("# why", "comment"), ("1", "number")):
        assert pair in kinds
    assert ("a", "string") in kinds or ("'a'", "string") in kinds


def test_a_language_has_several_names() -> None:
    assert found("PY", CODE) == found("python", CODE)


@pytest.mark.parametrize("language", ["", "klingon", "text"])
def test_without_a_known_language_nothing_is_highlighted(language: str) -> None:
    assert words(language, CODE) == ()


def test_long_code_is_not_highlighted() -> None:
    assert words("python", "x = 1\n" * MAX_CODE) == ()


@pytest.mark.parametrize("language", sorted(set(LANGUAGES.values())))
def test_every_language_can_be_read(language: str) -> None:
    assert all(word.kind in KINDS for word in words(language, "if x: <a b='c'> return 1 // y\n"))


@pytest.mark.parametrize("language", ["java", "make", "c", "typescript", "yaml"])
@pytest.mark.parametrize("part", ["\n", "a.", "--(", ": ", '"\\'])
def test_code_made_to_take_long_does_not(language: str, part: str) -> None:
    def seconds(code: str) -> float:
        started = time.thread_time()
        words(language, code)
        return time.thread_time() - started

    words(language, "x")
    code = part * (MAX_CODE // len(part) - 1)
    # The better of two: in one of them old garbage may be collected.
    assert min(seconds(code), seconds(f"{code} ")) < 0.3


def test_pygments_is_loaded_only_when_needed() -> None:
    code = (
        "import sys; from chat_tui.markup.message_text import read_text;"
        "read_text('```\\nx\\n```');"
        "assert 'pygments' not in sys.modules; read_text('```python\\nx\\n```');"
        "assert 'pygments' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
