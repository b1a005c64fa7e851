"""How unread messages are written everywhere: `@2 14` is fourteen, and two of them mean us."""

from typing import Final

_MOST: Final = 999  # a number nobody counts beyond


def badge(unread: int, calls: int) -> str:
    """Return both numbers as short as they can be; nothing where nothing is unread."""
    numbers = [f"@{_short(calls)}"] if calls else []
    if unread > calls:
        numbers.append(_short(unread))
    return " ".join(numbers)


def _short(number: int) -> str:
    return f"{_MOST}+" if number > _MOST else str(number)
