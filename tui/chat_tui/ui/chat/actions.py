"""The table of actions: what a key, a typed command and a palette entry run, by one id."""

from collections.abc import Callable
from typing import TypeAlias

Actions: TypeAlias = dict[str, Callable[[str], object]]  # each gets its argument, perhaps ""


def no_argument(action: Callable[[], object]) -> Callable[[str], object]:
    """Return `action` as one that ignores its argument."""
    return lambda _: action()
