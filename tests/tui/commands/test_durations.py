from datetime import UTC, datetime

import pytest

from chat_tui.commands.durations import end_of, is_duration, rfc3339, until

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "end"),
    [
        ("10m", "2026-11-23T12:10:00.000Z"),
        ("2h", "2026-11-23T14:00:00.000Z"),
        ("7d", "2026-11-30T12:00:00.000Z"),
        ("2W", "2026-12-07T12:00:00.000Z"),
        ("3660d", "2036-11-30T12:00:00.000Z"),
    ],
)
def test_a_duration_has_an_end(word: str, end: str) -> None:
    assert is_duration(word)
    assert end_of(word, NOW) == end


@pytest.mark.parametrize(
    "word",
    [
        "0m",
        "00h",
        "9999999999d",
        "999999999w",
        "3661d",
        "10",
        "-1h",
        "1.5h",
        ".5h",
        "2hours",
        "10m!",
    ],
)
def test_a_bad_duration_has_no_end(word: str) -> None:
    assert is_duration(word)
    assert end_of(word, NOW) is None


@pytest.mark.parametrize("word", ["", "m", "-", "x2h", "٣d"])
def test_a_word_is_no_duration(word: str) -> None:
    assert not is_duration(word)
    assert end_of(word, NOW) is None


def test_an_end_today_is_written_without_the_date() -> None:
    assert until("2026-11-23T14:00:00.000Z", NOW, UTC) == "until 14:00"
    assert until("2026-11-24T14:00:00.000Z", NOW, UTC) == "until 2026-11-24 14:00"


def test_a_time_is_written_in_utc_with_milliseconds() -> None:
    assert rfc3339(NOW) == "2026-11-23T12:00:00.000Z"
