"""Typed searches become FTS5 expressions, and its marks become offsets."""

import pytest

from chat_server.store.search_index.words import BEGIN, END, expression, places


@pytest.mark.parametrize(
    ("words", "terms"),
    [
        ("soup", '"soup"'),
        ("soup bread", '"soup" "bread"'),
        ("  soup\n\tbread ", '"soup" "bread"'),
        ("sou*", '"sou"*'),
        ("sou**", '"sou"*'),
        ('"hot soup"', '"hot soup"'),
        ('"hot sou"*', '"hot sou"*'),
        ('"hot soup', '"hot" "soup"'),
        ('hot"soup bread"', '"hot" "soup bread"'),
        ("soup OR bread", '"soup" "OR" "bread"'),
        ("NOT (soup) ^a +b -c text:d", '"NOT" "(soup)" "^a" "+b" "-c" "text:d"'),
        ("s*p", '"s*p"'),
        ("Ελλάδα*", '"Ελλαδα"*'),
        ("so\0up", '"so" "up"'),
    ],
)
def test_words_are_searched_for_literally(words: str, terms: str) -> None:
    assert expression(words, [1], None) == f"room : (r1) AND {{text files}} : ({terms})"


@pytest.mark.parametrize("words", ["", "  ", "*", '"', '""', '" "', "**", '""*', "\0"])
def test_a_search_without_words_is_for_every_message(words: str) -> None:
    assert expression(words, [1], None) == "room : (r1)"


def test_rooms_are_alternatives_and_an_author_is_one_more_condition() -> None:
    assert expression("soup", [1, 22], 3) == (
        'room : (r1 OR r22) AND author : (a3) AND {text files} : ("soup")'
    )


def test_marks_become_offsets_in_characters() -> None:
    text = "🍲 soup and Soße"

    marks = places(f"🍲 {BEGIN}soup{END} and {BEGIN}Soße{END}")
    assert [text[begin:end] for begin, end in marks] == ["soup", "Soße"]
    assert places("nothing") == []
