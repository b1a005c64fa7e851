"""Asks for the emoji of a reaction, by its name or itself."""

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from chat_shared.limits import MAX_EMOJI
from chat_tui.markup.emoji import matching
from chat_tui.ui.dialogs.picker import FilterPicker

_KEYS: Final = "Enter: add, or remove yours · Esc: cancel"


class React(FilterPicker[str]):
    """Returns an emoji."""

    def __init__(self) -> None:
        super().__init__(
            "Add or remove a reaction",
            "an emoji, or its name: tada",
            keys=_KEYS,
            nothing="No emoji matches.",
        )

    def matching(self, typed: str) -> Sequence[tuple[str, Content]]:
        return [(emoji, Content(f"{emoji}  {name}".rstrip())) for name, emoji in emoji_meant(typed)]


def emoji_meant(typed: str) -> list[tuple[str, str]]:
    """Return the names and emoji that `typed` matches; an emoji typed itself has no name."""
    word = typed.strip().strip(":")
    named = matching(word)
    is_one = len(word) <= MAX_EMOJI and not any(char.isalnum() or char == " " for char in word)
    return [*named, ("", word)] if is_one and not word.isascii() else named
