"""How far a file is, in words."""

import pytest

from chat_tui.model.progress import cancelled, progress
from chat_tui.model.transfer import Cancelled, Transfer


def moved(*at: int, size: int = 1_000_000, is_upload: bool = True) -> Transfer:
    transfer = Transfer("report.pdf", size, is_upload)
    for second, place in enumerate(at):
        transfer.moved(place, float(second))
    return transfer


def test_what_is_known_is_shown() -> None:
    assert progress(moved()) == "Sending report.pdf · 0% of 1.0 MB · waiting"
    assert progress(moved(100_000)) == "Sending report.pdf · 10% of 1.0 MB"
    assert progress(moved(0, 100_000, is_upload=False)) == (
        "Saving report.pdf · 10% of 1.0 MB · 100 kB/s · 9 s left"
    )


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (55, "Saving report.pdf · 10% of 1.0 MB · 100 kB/s · 9 s left"),
        (54, "Saving report.pdf · 10% · 100 kB/s · 9 s left"),
        (44, "Saving report.pdf · 10% · 9 s left"),
        (33, "report.pdf · 10% · 9 s left"),
        (1, "…port.pdf · 10% · 9 s left"),
    ],
)
def test_where_there_is_less_room_the_details_are_left_out(width: int, line: str) -> None:
    assert progress(moved(0, 100_000, is_upload=False), width) == line


def test_where_even_that_is_too_long_the_name_is_shortened() -> None:
    transfer = Transfer("minutes-of-november.pdf", 1_000, is_upload=True)
    transfer.moved(500, 0.0)

    assert progress(transfer, 24) == "minutes-o…mber.pdf · 50%"


def test_long_times_are_told_in_larger_units() -> None:
    assert progress(moved(0, 1_000)).endswith("1.0 kB/s · 17 min left")
    assert progress(moved(0, 1_000, size=10**12)).endswith(" · 277,778 h left")


def test_an_empty_file_and_a_hostile_name_do_no_harm() -> None:
    assert progress(moved(0, size=0)) == "Sending report.pdf · 0% of 0 bytes"
    assert "\x1b" not in progress(Transfer("\x1b[2J", 1, is_upload=False))


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        (Cancelled(), "Nothing to cancel: no file is being sent or saved, and no room exported."),
        (Cancelled(("a.pdf",), 1), "Cancelled. The message with a.pdf was not sent."),
        (Cancelled(("a", "b", "c"), 1), "Cancelled. The message with a and 2 more was not sent."),
        (Cancelled(("a", "b"), 2), "Cancelled. 2 messages with files were not sent."),
        (Cancelled(exports=1), "Cancelled. The room was not exported."),
        (Cancelled(downloads=1), "Cancelled. 1 file was not saved."),
        (
            Cancelled(("\x1b",), 1, downloads=2),
            "Cancelled. The message with ␛ was not sent. 2 files were not saved.",
        ),
    ],
)
def test_what_was_cancelled_is_told_in_words(what: Cancelled, sentence: str) -> None:
    assert cancelled(what) == sentence
