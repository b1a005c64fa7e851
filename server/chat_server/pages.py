"""Limits lists in replies to what fits a frame."""

from collections.abc import Iterable
from typing import Final, TypeVar

import msgspec

from chat_shared.limits import MAX_PAGE_BYTES

Item = TypeVar("Item", bound=msgspec.Struct)

_measure: Final = msgspec.json.Encoder().encode


def fit_page(items: Iterable[Item]) -> list[Item]:
    """Return as many of `items`, from the first on, as fit a frame; at least one.

    The longest text with all the reactions it can have takes more than
    MAX_PAGE_BYTES, but fits a frame by itself.
    """
    page: list[Item] = []
    size = 0
    for item in items:
        size += len(_measure(item)) + len(",")
        if size > MAX_PAGE_BYTES and page:
            break
        page.append(item)
    return page
