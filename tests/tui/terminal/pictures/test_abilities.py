"""What terminals have been seen to answer, and what they should not."""

import pytest

from chat_tui.terminal.pictures.abilities import QUESTIONS, Abilities, learn

# As these terminals answer QUESTIONS, and what follows them.
XTERM = "\x1bP>|XTerm(379)\x1b\\", "\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c"
XTERM_VT340 = (
    *("\x1bP>|XTerm(379)\x1b\\", "\x1b[?63;1;2;4;6;9;15;16;22;28c"),
    *("\x1b[?1;0;1024S", "\x1b[?2;0;1000;1000S"),
)
MLTERM = "\x1b[6;22;10t", "\x1b[?63;1;2;3;4;6;7;15;18;22;29c", "\x1b[?1;0;1024S", "\x1b[?1;3;0S"
KONSOLE = (
    *("\x1b[6;18;8t", "\x1bP>|Konsole 22.12.3\x1b\\", "\x1b[?62;1;4c"),
    *("\x1b[?1;0;256S", "\x1b[?2;0;16384;16384S"),
)
FOOT = (
    *("\x1b[6;16;7t", "\x1bP>|foot(1.13.1)\x1b\\", "\x1b[?62;4;22c"),
    *("\x1b[?1;0;1024S", "\x1b[?2;0;10000;10000S"),
)
TMUX = "\x1bP>|tmux 3.3a\x1b\\", "\x1b[?1;2c"
OLD_KITTY = "\x1b[6;20;9t", "\x1bP>|kitty(0.26.5)\x1b\\", "\x1b[?62;c"
# These as their documentation has it.
KITTY = "\x1b[6;20;9t", "\x1bP>|kitty(0.28.0)\x1b\\", "\x1b[?62;c", "\x1b_Gi=1;OK\x1b\\"
GHOSTTY = "\x1bP>|ghostty 1.0.1\x1b\\", "\x1b[?62;22c", "\x1b_Gi=1;OK\x1b\\"
GHOSTTY_WITHOUT_GRAPHICS = GHOSTTY[:2]


def after(*reports: str) -> Abilities:
    known = Abilities()
    for report in reports:
        known, _ = learn(known, report)
    return known


@pytest.mark.parametrize(
    ("reports", "has_sixel", "has_kitty"),
    [
        (XTERM, False, False),
        (XTERM_VT340, True, False),
        (MLTERM, True, False),
        (KONSOLE, True, False),
        (FOOT, True, False),
        (TMUX, False, False),
        (("\x1b[?1;2;4c",), True, False),  # tmux with sixel, rxvt with sixel
        (OLD_KITTY, False, False),
        (KITTY, False, True),
        (GHOSTTY, False, True),
        (GHOSTTY_WITHOUT_GRAPHICS, False, False),
    ],
)
def test_what_a_terminal_can_is_what_it_says(
    reports: tuple[str, ...], has_sixel: bool, has_kitty: bool
) -> None:
    known = after(*reports)

    assert (known.has_sixel, known.has_kitty) == (has_sixel, has_kitty)


def test_how_much_it_can() -> None:
    assert after(*XTERM_VT340).largest == (1000, 1000)
    assert after(*XTERM_VT340).cell is None
    assert after(*MLTERM).largest is None
    assert after(*KONSOLE).colors == 256
    assert after(*KONSOLE).cell == (8, 18)


def test_only_who_knows_what_is_meant_is_asked_more() -> None:
    asked = [learn(Abilities(), report)[1] for report in (XTERM[1], OLD_KITTY[1], TMUX[0])]

    assert asked == ["", "", ""]
    assert learn(Abilities(), FOOT[2])[1] == "\x1b[?1;1;0S\x1b[?2;4;0S"
    assert learn(Abilities(), KITTY[1])[1].startswith("\x1b_G")


def test_a_terminal_that_repeats_itself_is_not_asked_again() -> None:
    known, _ = learn(Abilities(), FOOT[2])

    assert learn(known, FOOT[2]) == (known, "")


@pytest.mark.parametrize(
    "report",
    [
        *("\x1b[?4c", "\x1b[?44;14;40c", "\x1b[?c", "\x1b[?;;c", "\x1b[?;4c"),  # not the attribute
        *("\x1b[6;0;0t", "\x1b[6;999999;1t", f"\x1b[6;{'9' * 400};1t"),
        *("\x1b[?1;3;0S", "\x1b[?2;0;0;0S", f"\x1b[?1;0;{'9' * 5000}S"),
        *("\x1bP>|kitty\x1b\\", "\x1bP>|kitty(9)\x1b\\", "\x1bP>|Kitty(0.40.0)\x1b\\"),
        *("\x1bP>|WezTerm 20240203\x1b\\", "\x1b_Gi=1;OK\x1b\\", "\x1b_Gi=1;EBADF\x1b\\"),
        *("\x1b[?4;4;4;4;4;4;4;4xc", "\x1b]4;1;rgb:0/0/0\x07", QUESTIONS),
    ],
)
def test_what_says_nothing_changes_nothing(report: str) -> None:
    assert learn(Abilities(), report) == (Abilities(), "")
