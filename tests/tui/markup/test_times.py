from datetime import UTC, datetime, timedelta

import pytest

from chat_tui.markup.times import ago, read_time

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "at",
    ["", "yesterday", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-13-01T00:00:00Z"],
)
def test_a_malformed_time_is_1970(at: str) -> None:
    assert read_time(at) == datetime.fromtimestamp(0, UTC)
    read_time(at).astimezone()


def test_a_time_without_a_zone_is_in_utc() -> None:
    assert read_time("2026-11-22T12:00:00") == NOON
    assert read_time("2026-11-22T12:00:00.000Z") == NOON
    assert read_time("2026-11-22T14:30:00+02:30") == NOON


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(hours=-1), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(minutes=5, seconds=59), "5 min ago"),
        (timedelta(hours=23), "23 h ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=7), "15 Nov 2026"),
    ],
)
def test_a_time_is_shown_relative_to_now(before: timedelta, words: str) -> None:
    assert ago(NOON - before, NOON) == words
