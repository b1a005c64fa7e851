"""Times are written as the protocol says."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from chat_server.clock import now, parse_rfc3339, rfc3339


def test_a_time_has_milliseconds_and_is_utc() -> None:
    assert rfc3339(0) == "1970-01-01T00:00:00.000Z"
    assert rfc3339(1_795_340_205_007) == "2026-11-22T09:36:45.007Z"


@given(st.integers(0, 4_102_444_800_000))  # to the year 2100
def test_a_time_that_was_written_is_read_back_to_the_millisecond(milliseconds: int) -> None:
    assert parse_rfc3339(rfc3339(milliseconds)) == milliseconds


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:01Z", 1_000),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T23:59:59.999Z", -1),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999),
    ],
)
def test_a_time_is_read_in_any_zone(text: str, milliseconds: int) -> None:
    assert parse_rfc3339(text) == milliseconds


@pytest.mark.parametrize("text", ["", "now", "2026-11-22T09:36:45", "2026-11-22", "2026-02-30T0Z"])
def test_what_says_no_time_of_all_the_world_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever sentence
        parse_rfc3339(text)


def test_now_is_in_milliseconds() -> None:
    assert abs(now() - datetime.now(UTC).timestamp() * 1000) < 10_000
