"""A page holds as much as fits a frame, and never nothing if there is something."""

import msgspec

from chat_server.pages import fit_page
from chat_shared import messages as m
from chat_shared.limits import MAX_PAGE_BYTES


def _members(number: int, away: str) -> list[m.Member]:
    return [m.Member(f"n{at}", online=False, away=away) for at in range(number)]


def test_items_that_fit_are_one_page() -> None:
    assert fit_page(_members(3, "")) == _members(3, "")
    assert fit_page([]) == []


def test_a_page_ends_before_it_exceeds_a_frame() -> None:
    members = _members(200, "🍲" * 200)
    page = fit_page(members)

    size = len(msgspec.json.encode(page))
    assert page == members[: len(page)]
    assert size <= MAX_PAGE_BYTES < size + len(msgspec.json.encode(members[len(page)])) + 1
