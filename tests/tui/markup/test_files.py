"""Files as words."""

import pytest

from chat_shared import messages as m
from chat_tui.markup.files import described, gist, listed, shown_size

REPORT, PHOTO = m.File(1, "report.pdf", 1_234_567), m.File(2, "photo.png", 340_000, "image/png")


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1_000, "1.0 kB"), (9_940, "9.9 kB"),
        (9_950, "10 kB"), (340_000, "340 kB"), (1_234_567, "1.2 MB"), (25_000_000, "25 MB"),
        (3_100_000_000, "3.1 GB"), (2**53, "9.0 PB"), (10**20, "100,000 PB"),
    ],
)  # fmt: skip
def test_a_size_is_shown_with_as_many_figures_as_tell_something(size: int, shown: str) -> None:
    assert shown_size(size) == shown


def test_a_file_is_its_name_and_its_size() -> None:
    assert described(REPORT) == "report.pdf, 1.2 MB"
    assert listed((REPORT, PHOTO)) == "report.pdf, 1.2 MB; photo.png, 340 kB"


def test_a_message_without_a_text_is_known_by_its_files() -> None:
    assert gist("Here.", (REPORT,)) == "Here."
    assert gist("", (REPORT, PHOTO)) == "📄 report.pdf, 📄 photo.png"
    assert gist("", ()) == ""


def test_a_name_does_nothing_to_the_terminal() -> None:
    file = m.File(1, "a\x1b[2J\u202egnp.exe\n", 1)

    assert not set(described(file) + gist("", (file,))) & set("\x1b\u202e\n")
