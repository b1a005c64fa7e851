from datetime import UTC, datetime, timedelta

import pytest

from chat_tui.markup.last_seen import ago

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(hours=-1), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=5, seconds=59), "5 min ago"),
        (timedelta(hours=23), "23 h ago"),
        (timedelta(hours=47), "a day ago"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=7), "15 Nov 2026"),
    ],
)
def test_it_is_said_as_one_would(before: timedelta, words: str) -> None:
    assert ago(NOW - before, NOW) == words
