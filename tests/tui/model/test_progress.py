"""How far a file is, in words."""

from chat_tui.model.progress import progress
from chat_tui.model.transfer import Transfer


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


def test_long_times_are_told_in_larger_units() -> None:
    assert progress(moved(0, 1_000)).endswith("1.0 kB/s · 17 min left")
    assert progress(moved(0, 1_000, size=10**12)).endswith(" · 277,778 h left")


def test_an_empty_file_and_a_hostile_name_do_no_harm() -> None:
    assert progress(moved(0, size=0)) == "Sending report.pdf · 0% of 0 bytes"
    assert "\x1b" not in progress(Transfer("\x1b[2J", 1, is_upload=False))
