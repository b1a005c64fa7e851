"""Emoji and their names."""

import pytest
from rich.cells import cell_len

from chat_shared.limits import MAX_EMOJI
from chat_shared.text import clean_line
from chat_tui.markup.emoji import _TABLE, USUAL, _emoji, emoji_for, matching


@pytest.mark.parametrize(
    ("name", "emoji"), [("tada", "🎉"), ("+1", "👍"), ("thumbsup", "👍"), ("TADA", "🎉")]
)
def test_a_name_means_an_emoji(name: str, emoji: str) -> None:
    assert emoji_for(name) == emoji


@pytest.mark.parametrize("name", ["", "30", "no_such_thing", ":tada:"])
def test_an_unknown_name_is_no_emoji(name: str) -> None:
    assert emoji_for(name) is None


def test_no_name_and_no_emoji_is_there_twice() -> None:
    words = _TABLE.replace("|", " ").split()

    assert len(words) == len(set(words))


def test_every_emoji_can_be_a_reaction_and_takes_two_cells() -> None:
    for name, emoji in _emoji().items():
        assert clean_line(emoji) == emoji
        assert len(emoji) <= MAX_EMOJI
        assert cell_len(emoji) == 2, name
        assert name.isascii()


def test_the_beginning_of_a_name_finds_it_shortest_first() -> None:
    assert matching("tad") == [("tada", "🎉")]
    assert [name for name, _ in matching("heart")][:2] == ["heart", "heart_eyes"]


def test_later_words_of_a_name_are_found_after_beginnings() -> None:
    names = [name for name, _ in matching("cat")]

    assert names[0] == "cat"
    assert "joy_cat" in names


def test_an_empty_prefix_offers_the_usual_ones() -> None:
    assert [name for name, _ in matching("")] == list(USUAL)


def test_an_unknown_prefix_matches_nothing() -> None:
    assert matching("zzzz") == []
