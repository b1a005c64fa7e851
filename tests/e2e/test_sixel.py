"""Large pictures on terminals that show them by sixel, and on those that do not say so."""

from pathlib import Path

import pytest
from PIL import Image

from support.people import PASSWORD, sign_up
from support.sixel import SEQUENCE, Canvas, painted
from support.ssh_gateway import Gateway, register
from support.terminal import Desk, Terminal

ATTRIBUTES = b"\x1b[c"
SIXEL = {
    ATTRIBUTES: "\x1b[?63;1;2;4;6;9;15;16;22;28c",
    b"\x1b[>q": "\x1bP>|XTerm(379)\x1b\\",
    b"\x1b[16t": "\x1b[6;20;10t",
    b"\x1b[?1;1;0S": "\x1b[?1;0;256S",
    b"\x1b[?2;4;0S": "\x1b[?2;0;1000;1000S",
}


def flag(folder: Path) -> Path:
    """Make a picture, blue on the left and red on the right."""
    picture = Image.new("RGB", (400, 200), (255, 0, 0))
    picture.paste((0, 0, 255), (0, 0, 200, 200))
    picture.save(folder / "flag.png")
    return folder / "flag.png"


def pictures(terminal: Terminal) -> list[Canvas]:
    """Return what has been drawn by sixel."""
    return [painted(sequence) for sequence in SEQUENCE.findall(bytes(terminal.received))]


def wait_for_pictures(terminal: Terminal, count: int) -> Canvas:
    """Wait until so many have been drawn; return the last one."""
    is_there = lambda: len(pictures(terminal)) >= count  # noqa: E731
    terminal.wait_until(is_there, f"{count} pictures to be drawn")
    assert len(pictures(terminal)) == count
    return pictures(terminal)[-1]


def show_large(terminal: Terminal) -> None:
    terminal.wait_for("flag.png")
    terminal.wait_for("▀")
    terminal.press("ctrl+l")
    hint = "p show picture"  # which may be wrapped
    terminal.wait_until(lambda: hint in " ".join(terminal.screen.split()), hint)
    terminal.press("p")
    terminal.wait_for("Esc: close")
    terminal.wait_for_no("loading")


def local(table: Desk, **options: object) -> Terminal:
    """Start a client with a server of its own, and register."""
    ada = table.open("chat-tui", "--local", home="ada", **options)  # type: ignore[arg-type]
    ada.wait_for_cursor_under("Name")
    ada.type("ada")
    ada.press("tab")
    ada.enter(PASSWORD)
    ada.wait_for("Repeat the password")
    ada.enter(PASSWORD)
    ada.wait_for("Message general")
    return ada


def test_a_large_picture_is_drawn_again_after_it_was_covered(table: Desk, tmp_path: Path) -> None:
    ada = local(table, answers=SIXEL)
    ada.enter(f"/upload {flag(tmp_path)}")
    show_large(ada)

    canvas = wait_for_pictures(ada, 1)
    assert canvas.size == (400, 200)
    assert (canvas.color(0, 0), canvas.color(399, 199)) == ((0, 0, 100), (100, 0, 0))

    ada.press("ctrl+p")
    ada.wait_for("Search for commands")
    ada.press("escape")
    ada.wait_for("Esc: close")
    wait_for_pictures(ada, 2)

    ada.resize(40, 12)
    assert wait_for_pictures(ada, 3).size == (360, 180)  # of 9 rows

    cleared = ada.received.count(b"\x1b[2J")
    ada.press("escape")
    ada.wait_for("p show picture")
    assert ada.received.count(b"\x1b[2J") == cleared + 1
    assert len(pictures(ada)) == 3


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "\x1b[?62;c",
        "\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c",
        "\x1b[?4c",
        "\x1bP>|kitty(\x1b[?64;4\x1b[I",
        "\x1b[?4;x\x1b[;;4c\x1b]4\x07\x1b_Gi=31\x1b\\\x1bP4c\x1b\\",
    ],
)
def test_a_terminal_that_does_not_say_so_gets_half_blocks_and_nobody_its_answer(
    table: Desk, tmp_path: Path, answer: str
) -> None:
    ada = local(table, answers={ATTRIBUTES: answer} if answer else {})
    ada.enter(f"/upload {flag(tmp_path)}")
    show_large(ada)

    ada.wait_for("▀")
    assert b"\x1bP" not in ada.received
    assert b"\x1b_" not in ada.received
    assert not list(table.home_of("ada").rglob("drafts/*"))


def test_an_answer_that_comes_late_is_not_typed(table: Desk, tmp_path: Path) -> None:
    ada = local(table)
    ada.enter(f"/upload {flag(tmp_path)}")
    ada.wait_for("▀")
    ada.type("half a ")
    for answer in SIXEL.values():
        ada.type(answer)
    ada.type("message")
    ada.press("enter")
    ada.wait_until(lambda: " half a message\n" in f"{ada.screen}\n", "the message as typed")
    ada.press("up", "escape")

    ada.press("ctrl+l")
    ada.wait_for("y copy")
    ada.press("up")
    ada.wait_for("p show picture")
    ada.press("p")
    wait_for_pictures(ada, 1)


def test_over_ssh_a_picture_has_the_size_that_the_terminal_says(
    table: Desk, tmp_path: Path
) -> None:
    gateway = Gateway(table, tmp_path / "data")
    ben = sign_up(table, "ben", gateway.address)
    ben.enter(f"/upload {flag(tmp_path)}")
    ben.wait_for("▀")
    ada = gateway.ssh("ada", answers={**SIXEL, b"\x1b[16t": ""})
    register(ada)
    ada.wait_for("▀")
    ada.resize(60, 20, (60 * 5, 20 * 10))

    show_large(ada)

    assert wait_for_pictures(ada, 1).size == (300, 150)
