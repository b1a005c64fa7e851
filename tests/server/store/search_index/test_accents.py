import unicodedata

import apsw
import pytest

from chat_server.store.search_index.accents import plain, plain_sql

GREEK = "ΆΈΉΊΌΎΏΐΪΫάέήίΰϊϋόύώ"


def test_each_accented_letter_of_modern_greek_becomes_its_base() -> None:
    bases = "".join(unicodedata.normalize("NFD", letter)[0] for letter in GREEK)
    assert plain(GREEK) == bases
    assert plain("ёЁ") == "еЕ"


@pytest.mark.parametrize("letter", "йїіéαя")
def test_distinct_letters_and_those_that_fts5_folds_stay(letter: str) -> None:
    assert plain(letter) == letter


@pytest.mark.parametrize("text", ["", "soup", "Ελλάδα, Ёлка!", GREEK, "élan 🍲"])
def test_the_sql_expression_gives_the_same(text: str) -> None:
    db = apsw.Connection(":memory:")
    assert db.execute(f"SELECT {plain_sql('?1')}", (text,)).get == plain(text)
