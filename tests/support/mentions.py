"""Whom a text mentions, among people who are known."""

from collections.abc import Collection

from chat_shared.mentions import possible_names


def mentioned(text: str, keys: Collection[str]) -> list[str]:
    """Return the keys of the people mentioned: each time the longest name among `keys`."""
    first = (next((key for key in names if key in keys), "") for names in possible_names(text))
    return list(dict.fromkeys(filter(None, first)))
