"""Pictures by kitty's protocol: when the terminal draws them, and when it forgets them."""

import re
import signal
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from chat_tui.terminal.pictures.kitty import NEXT_FRAME
from support.people import sign_up
from support.terminal import Desk, Terminal

PLACEHOLDER: Final = "\U0010eeee"
FRAME_ENDS: Final = b"\x1b[?2026l"
LEAVES: Final = b"\x1b[?1049l"  # the alternate screen, which keeps pictures of its own

_SENT: Final = re.compile(rb"\x1b_Ga=T,U=1,q=2,i=(\d+),")
_FORGOTTEN: Final = re.compile(rb"\x1b_Ga=d,d=I,i=(\d+),")


def with_two_pictures(table: Desk, folder: Path) -> Terminal:
    """Return a client that shows a picture in the log, and has it large in front of that."""
    Image.new("RGB", (40, 20), "red").save(folder / "red.png")
    ada = sign_up(table, "ada", "--local", "--images", "kitty")
    ada.enter(f"/upload {folder / 'red.png'}")
    ada.wait_for(PLACEHOLDER)
    ada.press("ctrl+l")
    ada.wait_for("y copy")
    ada.press("p")
    is_there = lambda: len(_SENT.findall(bytes(ada.received))) == 2  # noqa: E731
    ada.wait_until(is_there, "2 pictures to be sent")
    return ada


def test_after_a_picture_the_terminal_is_asked_for_another_frame(
    table: Desk, tmp_path: Path
) -> None:
    ada = with_two_pictures(table, tmp_path)

    is_asked = lambda: ada.received.endswith(FRAME_ENDS + NEXT_FRAME.encode())  # noqa: E731
    ada.wait_until(is_asked, "something after the frame")


@pytest.mark.parametrize("ends", [signal.SIGTERM, None])
def test_a_client_that_ends_leaves_no_picture_in_the_terminal(
    table: Desk, tmp_path: Path, ends: signal.Signals | None
) -> None:
    ada = with_two_pictures(table, tmp_path)

    if ends is None:
        ada.press("ctrl+q")
    else:
        ada.terminate()
    ada.wait_for_end()

    on_its_screen, _, afterwards = bytes(ada.received).rpartition(LEAVES)
    sent, forgotten = _SENT.findall(on_its_screen), _FORGOTTEN.findall(on_its_screen)
    assert sorted(forgotten) == sorted(sent)
    assert b"\x1b_G" not in afterwards
