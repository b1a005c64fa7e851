import unicodedata

import apsw
import pytest
from hypothesis import given, strategies as st

from chat_server.store.search_index import accents
from chat_server.store.search_index.accents import add_functions, original_places, plain, plain_sql

GREEK = "ΆΈΉΊΌΎΏΐΪΫάέήίΰϊϋόύώ"


def test_each_accented_letter_of_modern_greek_becomes_its_base() -> None:
    bases = "".join(unicodedata.normalize("NFD", letter)[0] for letter in GREEK)
    assert plain(GREEK) == bases
    assert plain("ёЁ") == "еЕ"


@pytest.mark.parametrize("letter", "йїіéαя")
def test_distinct_letters_and_those_that_fts5_folds_stay(letter: str) -> None:
    assert plain(letter) == letter


def test_the_sql_expression_gives_the_same_for_every_character() -> None:
    db = apsw.Connection(":memory:")
    add_functions(db)
    points = (chr(point) for point in range(1, 0x110000) if not 0xD800 <= point < 0xE000)
    # Those that normal form C changes, or composes or reorders behind a letter.
    changed = [
        char
        for char in points
        if unicodedata.normalize("NFC", char) != char
        or unicodedata.combining(char)
        or unicodedata.category(char) in ("Mn", "Mc")
        or "\u1160" <= char < "\u1200"
    ]

    assert len(changed) > 3_000
    for char in changed:
        assert db.execute(f"SELECT {plain_sql('?1')}", (char,)).get == plain(char)
        assert db.execute("SELECT ? GLOB ?", (char, f"*[{accents._NOT_NORMAL}]*")).get


@given(st.text())
def test_the_place_of_the_whole_plain_text_is_the_whole_text(text: str) -> None:
    assert original_places(text, [(0, len(plain(text)))]) == [(0, len(text))]


@given(st.text(), st.text(min_size=1), st.text())
def test_a_word_is_found_again_whatever_is_around_it(before: str, word: str, after: str) -> None:
    text = f"{before} x{word}x {after}"
    start = len(plain(f"{before} "))
    ((since, to),) = original_places(text, [(start, start + len(plain(f"x{word}x")))])

    assert text[since:to].rstrip(" ") == f"x{word}x".rstrip(" ")


@pytest.mark.parametrize("text", ["", "soup", "Ελλάδα, Ёлка!", GREEK, "élan 🍲"])
def test_the_sql_expression_gives_the_same(text: str) -> None:
    db = apsw.Connection(":memory:")
    add_functions(db)
    assert db.execute(f"SELECT {plain_sql('?1')}", (text,)).get == plain(text)
