"""The unread count as it is written everywhere: `@2 14` is 14 unread, 2 of them mentions."""

from typing import Final

_MOST: Final = 999  # larger numbers are of no use to anyone


def unread_badge(unread: int, mentions: int) -> str:
    """Return both numbers as short as possible; empty if nothing is unread."""
    numbers = [f"@{_short(mentions)}"] if mentions else []
    if unread > mentions:
        numbers.append(_short(unread))
    return " ".join(numbers)


def _short(number: int) -> str:
    return f"{_MOST}+" if number > _MOST else str(number)
