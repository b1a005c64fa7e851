from datetime import UTC, datetime

import pytest

from chat_tui.markup.times import read_time

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "at",
    ["", "yesterday", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-13-01T00:00:00Z"],
)
def test_a_time_that_is_none_is_the_beginning_of_time(at: str) -> None:
    assert read_time(at) == datetime.fromtimestamp(0, UTC)
    read_time(at).astimezone()


def test_a_time_without_a_zone_is_in_utc() -> None:
    assert read_time("2026-11-22T12:00:00") == NOON
    assert read_time("2026-11-22T12:00:00.000Z") == NOON
