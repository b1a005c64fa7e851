"""Durations and metrics addresses in the configuration."""

import pytest

from chat_server.keep import parse_keep, show_keep
from chat_server.validators import check_metrics

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("forever", 0),
        ("1h", HOUR),
        ("12h", 12 * HOUR),
        ("90d", 90 * 24 * HOUR),
        ("52w", 8736 * HOUR),
    ],
)
def test_a_duration_is_converted_to_milliseconds(text: str, milliseconds: int) -> None:
    assert parse_keep(text) == milliseconds


@pytest.mark.parametrize(
    "text",
    ["", "90", "d", "0d", "-1d", "1.5d", "90 d", "90D", "90y", "123456d", "for ever", "٣d", "1٣d"],
)
def test_an_invalid_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="Use 12h, 90d, 52w or forever"):
        parse_keep(text)


@pytest.mark.parametrize("text", ["forever", "1h", "36h", "90d", "364d"])
def test_a_duration_is_shown_as_it_was_written(text: str) -> None:
    assert show_keep(parse_keep(text)) == text


def test_weeks_are_shown_as_days_and_none_as_the_default() -> None:
    assert show_keep(parse_keep("1w")) == "7d"
    assert show_keep(None) == "default"


@pytest.mark.parametrize(
    "text", ["tcp://127.0.0.1:9667", "tcp://localhost:0", "tcp://[::1]:1", None]
)
def test_metrics_addresses_on_this_machine_are_accepted(text: str | None) -> None:
    check_metrics(None, text)


@pytest.mark.parametrize(
    "text", ["tcp://0.0.0.0:9667", "tcp://192.0.2.1:1", "tls://127.0.0.1:1", "unix:///tmp/x", "x"]
)
def test_metrics_addresses_elsewhere_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"tcp://"):
        check_metrics(None, text)
