"""Times are written and parsed as the protocol defines."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from chat_server.clock import now, parse_rfc3339, rfc3339


def test_a_time_has_milliseconds_and_is_utc() -> None:
    assert rfc3339(0) == "1970-01-01T00:00:00.000Z"
    assert rfc3339(1_795_340_205_007) == "2026-11-22T09:36:45.007Z"


@given(st.integers(0, 4_102_444_800_000))  # to the year 2100
def test_a_time_that_was_written_is_read_back_to_the_millisecond(milliseconds: int) -> None:
    read = datetime.fromisoformat(rfc3339(milliseconds))

    assert round(read.timestamp() * 1000) == milliseconds
    assert parse_rfc3339(rfc3339(milliseconds)) == milliseconds
    assert read.tzinfo == UTC


def test_now_is_in_milliseconds() -> None:
    assert abs(now() - datetime.now(UTC).timestamp() * 1000) < 10_000


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T09:36:45.007Z",
        "2026-11-22t09:36:45.007z",
        "2026-11-22T09:36:45.007999999Z",
        "2026-11-22T10:36:45.007+01:00",
    ],
)
def test_every_form_of_the_rfc_is_parsed(text: str) -> None:
    assert parse_rfc3339(text) == 1_795_340_205_007


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "2026-11-22", "2026-11-22 09:36:45Z", "2026-11-22T09:36:45", "20261122T093645Z",
        "2026-11-22T09:36Z", "2026-W47-7T09:36:45Z", "2026-11-31T09:36:45Z", "2026-11-22T24:36:45Z",
        "2026-11-22T09:36:45.Z", "0000-11-22T09:36:45Z", "２026-11-22T09:36:45Z",
        "2026-11-22T09:36:45Z\n", "2026-11-22T09:36:45+25:00", "2026-11-22T09:36:60Z",
    ],
)  # fmt: skip
def test_an_invalid_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any message
        parse_rfc3339(text)
