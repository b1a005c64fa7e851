import pytest

from chat_tui.markup.unread_badge import unread_badge


@pytest.mark.parametrize(
    ("unread", "calls", "shown"),
    [(0, 0, ""), (14, 0, "14"), (14, 2, "@2 14"), (2, 2, "@2"), (5_000, 1_000, "@999+ 999+")],
)
def test_mentions_come_before_the_unread_count(unread: int, calls: int, shown: str) -> None:
    assert unread_badge(unread, calls) == shown
