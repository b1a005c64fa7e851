"""Rows as values: days in the reader's zone, grouping, gaps in words."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from chat_tui.ui.log.rows import (
    DayRow,
    GapRow,
    MessageRow,
    NoticeRow,
    continues,
    day_between,
    with_days,
)

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AUCKLAND = timezone(timedelta(hours=13))


def posted(seq: int, at: datetime, author: str = "ada") -> MessageRow:
    return MessageRow(("seq", seq), author, "hello", at)


def test_the_first_message_opens_a_day() -> None:
    assert day_between(None, posted(1, NOON), UTC) == DayRow(date(2026, 11, 22))


def test_a_day_goes_on_until_the_reader_has_midnight() -> None:
    evening = posted(1, NOON.replace(hour=10))
    later = posted(2, NOON.replace(hour=12))

    assert day_between(evening, later, UTC) is None
    assert day_between(evening, later, AUCKLAND) == DayRow(date(2026, 11, 23))


def test_separators_come_before_the_first_message_of_each_day() -> None:
    today, tomorrow = posted(1, NOON), posted(2, NOON + timedelta(days=1))

    assert list(with_days([today, tomorrow], zone=UTC)) == [
        DayRow(date(2026, 11, 22)),
        today,
        DayRow(date(2026, 11, 23)),
        tomorrow,
    ]


def test_messages_after_one_of_the_same_day_need_no_separator() -> None:
    assert list(with_days([posted(2, NOON)], after=posted(1, NOON), zone=UTC)) == [posted(2, NOON)]


def test_an_author_goes_on_for_less_than_five_minutes() -> None:
    first = posted(1, NOON)

    assert continues(first, posted(2, NOON + timedelta(minutes=4, seconds=59)))
    assert not continues(first, posted(2, NOON + timedelta(minutes=5)))
    assert not continues(first, posted(2, NOON, author="linus"))
    assert not continues(NoticeRow(("n", 1), "bob left"), posted(2, NOON))
    assert not continues(None, first)


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (GapRow(("gap",), 12), "12 older messages not loaded"),
        (GapRow(("gap",), 1), "1 older message not loaded"),
        (GapRow(("gap",), 1200), "1,200 older messages not loaded"),
        (GapRow(("gap",)), "older messages not loaded"),
        (GapRow(("gap",), 12, loading=True), "loading older messages…"),
    ],
)
def test_a_gap_says_what_is_missing(gap: GapRow, words: str) -> None:
    assert gap.text == words


def test_a_change_is_a_new_row_under_the_same_key() -> None:
    queued = replace(posted(1, NOON), status="queued")

    assert queued.key == posted(1, NOON).key
    assert queued != posted(1, NOON)
