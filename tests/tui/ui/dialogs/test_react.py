"""Choosing an emoji for a reaction."""

import pytest

from chat_shared.limits import MAX_EMOJI
from chat_tui.markup.emoji import USUAL
from chat_tui.ui.dialogs.react import emoji_meant


def test_the_usual_ones_are_offered_first() -> None:
    assert [name for name, _ in emoji_meant("")] == list(USUAL)


@pytest.mark.parametrize("typed", ["tada", ":tada:", " tada ", "tad"])
def test_a_name_means_its_emoji(typed: str) -> None:
    assert emoji_meant(typed)[0] == ("tada", "🎉")


@pytest.mark.parametrize("typed", ["🦖", "🧑‍🚀", "🇪🇺", "🦖" * MAX_EMOJI])
def test_an_emoji_means_itself(typed: str) -> None:
    assert emoji_meant(typed) == [("", typed)]


@pytest.mark.parametrize("typed", ["no such", "!!", "字", "🦖 🦖", "🦖" * (MAX_EMOJI + 1)])
def test_other_text_matches_nothing(typed: str) -> None:
    assert emoji_meant(typed) == []
