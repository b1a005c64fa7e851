"""What a terminal sends is read as keys, pastes and reports, however a slow line splits it."""

import pytest
from hypothesis import given, strategies as st
from textual import _parser, events
from textual.message import Message

from chat_tui.terminal import key_parser
from chat_tui.terminal.key_parser import KeyParser, Reported
from chat_tui.terminal.sequences import PATIENCE

START, END = "\x1b[200~", "\x1b[201~"


def read(*chunks: str) -> list[str]:
    parser = KeyParser()
    return [_what(event) for chunk in chunks for event in parser.feed(chunk)]


def _what(event: Message) -> str:
    match event:
        case events.Paste():
            return f"paste {event.text}"
        case Reported():
            return f"report {event.report[1:]}"
        case _:
            return getattr(event, "key", "")


@pytest.mark.parametrize(
    "pasted",
    [
        "\x1b[31mred\x1b[0m\r\a end",
        "\x1b\r",
        "\x1b\x1b[20\x1b[A",
        "\x1b",
        "\x1b[200~",
        "ends in \x1b[2",
    ],
)
def test_pasted_escape_characters_are_shown_and_do_nothing(pasted: str) -> None:
    assert read(f"{START}{pasted}{END}x") == [f"paste {pasted.replace(chr(27), '␛')}", "x"]


def test_a_paste_is_whole_however_it_is_split() -> None:
    assert read(*f"a{START}b\x1b[31mc{END}d") == ["a", "paste b␛[31mc", "d"]


def test_keys_before_and_after_a_paste_are_keys() -> None:
    assert read(f"\x1b[A{START}one{END}\x1b[B{START}two{END}\r") == [
        "up", "paste one", "down", "paste two", "enter"
    ]  # fmt: skip


def test_the_input_may_end_within_a_paste() -> None:
    assert read(f"{START}half\x1b", "") == []


class Line:
    """A slow connection to a parser, by a clock of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(_parser, "get_time", lambda: self.now)
        monkeypatch.setattr(key_parser, "monotonic", lambda: self.now)
        self._parser = KeyParser()

    def read(self, *parts: str | float) -> list[str]:
        """Read parts; between them are pauses, in seconds, after which the parser looks again."""
        read: list[Message] = []
        for part in parts:
            if isinstance(part, str):
                read += self._parser.feed(part)
            else:
                self.now += part
            read += self._parser.tick()
        return [_what(event) for event in read]


@pytest.mark.parametrize(
    ("sent", "key"),
    [("\x1b[A", "up"), ("\x1b[1;5C", "ctrl+right"), ("\x1b[15~", "f5"), ("\x1bOP", "f1")],
)
def test_a_sequence_that_is_split_is_the_key(
    sent: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(2, len(sent)):
        assert Line(monkeypatch).read(sent[:at], 0.15, 0.15, sent[at:], 2.0, "x") == [key, "x"]

    assert Line(monkeypatch).read("\x1b", 0.15, sent[1:], 2.0, "x") == ["escape", key, "x"]


def test_a_split_report_of_the_mouse_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Line(monkeypatch).read("\x1b[<35;1", 0.15, "0;20M", 2.0, "x") == ["", "x"]
    assert Line(monkeypatch).read("\x1b", 0.15, "[<35;10;20M", "x") == ["escape", "", "x"]


def test_a_sequence_without_an_end_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Line(monkeypatch).read("\x1b[1;", 0.5, PATIENCE, "x") == ["x"]


def test_escape_alone_acts_at_once_and_what_is_typed_behind_it_is_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = Line(monkeypatch)
    assert line.read("\x1b", 0.1) == ["escape"]
    assert line.read("[") == ["left_square_bracket"]
    assert line.read("\x1b", 0.1, "[x] done")[1:4] == [
        "left_square_bracket",
        "x",
        "right_square_bracket",
    ]
    assert line.read("\x1b", 0.1, PATIENCE, "[A") == ["escape", "left_square_bracket", "A"]
    assert line.read("\x1b", 0.1, "OK")[1:] == ["O", "K"]


def test_a_split_paste_is_a_paste(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Line(monkeypatch).read("\x1b[20", 0.15, "0~a", 5.0, "b\x1b[2", 5.0, "01~") == [
        "paste ab"
    ]


REPORTS = [
    *("\x1b[?64;1;2;4;6;9;15;16;17;18;21;22;28c", "\x1b[?62;c", "\x1b[>41;379;0c"),
    *("\x1b[?1;0;256S", "\x1b[6;20;10t", "\x1bP>|XTerm(379)\x1b\\", "\x1b_Gi=1;OK\x1b\\"),
    *("\x1b]11;rgb:0000/0000/0000\x07", "\x1bP1$r0m\x1b\\", "\x1bPBobcat\x1b\\"),
]


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_of_the_terminal_is_not_typed(report: str) -> None:
    reported = f"report {report[1:]}"

    assert read(f"a{report}{report}b\x1b[A") == ["a", reported, reported, "b", "up"]
    assert read(*f"a{report}b") == ["a", reported, "b"]


@pytest.mark.parametrize("report", REPORTS[:8])
def test_a_late_report_in_pieces_is_not_typed(report: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for at in range(2, len(report)):
        line = Line(monkeypatch)
        read = line.read("hi", 60.0, report[:at], 0.15, 0.15, report[at:], 2.0, "x")
        assert read == ["h", "i", f"report {report[1:]}", "x"]


@pytest.mark.parametrize(
    "garbage",
    [
        *("\x1b[?64;4", "\x1b[?\x1b[?", "\x1bP>|kitty(", "\x1b_Gi=1;OK", "\x1b]11;rgb:", "\x1b["),
        *(f"\x1b[?{'1;' * 2_000}", f"\x1bP>|{'kitty' * 1_000}", f"\x1b[{'9' * 3_000}"),
    ],
)
def test_a_report_without_an_end_is_not_typed_and_ends_at_the_next_key(
    garbage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Line(monkeypatch).read(garbage, 0.5, PATIENCE, "x") == ["x"]
    assert Line(monkeypatch).read(f"{garbage}\r") == ["enter"]
    assert Line(monkeypatch).read(f"{garbage}\x1b[A") == ["up"]


def test_words_typed_at_once_behind_escape_are_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = Line(monkeypatch).read("\x1b", "Please", "\r", 0.15)
    assert [key[-1:] for key in typed if key != "enter"] == [*"please"]

    typed = Line(monkeypatch).read("\x1b]done", PATIENCE, 0.15)
    assert typed[-4:] == [*"done"]


_NUMBERS = st.sampled_from(
    ["", "0", "1", "27", "48", "97", "999999", "1114112", "9" * 20, "1:3", ":", "97:65", "-1", "<0"]
)
_MORE = "y" * 40  # than what the last sequence could go on with
_ENDS = st.sampled_from([*"utRMmABSPZ~c", "$y", "", "\x1b"])


@given(st.lists(st.tuples(st.lists(_NUMBERS, max_size=5), _ENDS), max_size=5))
def test_no_sequence_makes_it_fail_whatever_its_numbers(
    sequences: list[tuple[list[str], str]],
) -> None:
    sent = "".join(f"\x1b[{';'.join(numbers)}{end}" for numbers, end in sequences)

    assert read(f"{sent}{_MORE}", _MORE)[-1] == "y"


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[1;1:3A",  # that a key was let go, which no terminal was asked to tell
        "\x1b[57441;1:999u",
        "\x1b[97:65;2u",
        "\x1b[1114112u",  # beyond all characters
        "\x1b[97;;99999999999999999999u",
        "\x1b[48;0;0;0;0t\x1b[<35;10;20M",  # the place of the mouse on a screen without a size
    ],
)
def test_a_sequence_without_sense_does_nothing_and_what_follows_is_typed(sequence: str) -> None:
    assert "y" in read(f"{sequence}y")
