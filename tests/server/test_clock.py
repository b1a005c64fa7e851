"""Times are written as the protocol says."""

from datetime import UTC, datetime

from hypothesis import given, strategies as st

from chat_server.clock import now, rfc3339


def test_a_time_has_milliseconds_and_is_utc() -> None:
    assert rfc3339(0) == "1970-01-01T00:00:00.000Z"
    assert rfc3339(1_795_340_205_007) == "2026-11-22T09:36:45.007Z"


@given(st.integers(0, 4_102_444_800_000))  # to the year 2100
def test_a_time_that_was_written_is_read_back_to_the_millisecond(milliseconds: int) -> None:
    read = datetime.fromisoformat(rfc3339(milliseconds))

    assert round(read.timestamp() * 1000) == milliseconds
    assert read.tzinfo == UTC


def test_now_is_in_milliseconds() -> None:
    assert abs(now() - datetime.now(UTC).timestamp() * 1000) < 10_000
