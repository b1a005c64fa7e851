"""Reactions that look the same are one, however they are spelt."""

import pytest

from chat_shared.reactions import reaction_key


@pytest.mark.parametrize(
    ("emoji", "other"),
    [
        ("\u2764", "\u2764\ufe0f"),
        ("👍", "👍\ufe0f"),
        ("👍", "👍\ufe0e"),
        ("👍", "👍\u200d"),
        ("👍", "\u200d👍\u200b"),
        ("👍", "👍\U000e0041"),
        ("👩\u200d❤\u200d👨", "👩\u200d❤\ufe0f\u200d👨"),
        ("é", "e\u0301"),
    ],
)
def test_spellings_of_one_reaction_have_one_key(emoji: str, other: str) -> None:
    assert reaction_key(emoji) == reaction_key(other)


@pytest.mark.parametrize(
    ("emoji", "other"),
    [
        ("👍", "👍🏽"),
        ("👩", "👩\u200d💻"),
        ("🏴", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"),
        ("1\ufe0f\u20e3", "1"),
        ("🇩🇪", "🇪🇩"),
    ],
)
def test_different_reactions_have_different_keys(emoji: str, other: str) -> None:
    assert reaction_key(emoji) != reaction_key(other)
