"""Lines typed at a terminal somewhere else: what becomes of them, and what the terminal shows."""

import pyte
import pytest
from hypothesis import given, settings, strategies as st

from chat_tui.gateway.line_editor import (
    KEYS_AT_ONCE,
    MAX_AHEAD,
    MAX_LINE,
    MAX_RECALLED,
    LineEditor,
    Outcome,
    Signal,
)


class Desk:
    """A terminal that draws what an editor shows."""

    def __init__(self, columns: int = 20, *, is_dumb: bool = False) -> None:
        self.screen = pyte.Screen(columns, 10)
        self.sent = 0
        self._stream = pyte.Stream(self.screen)
        self.editor = LineEditor(self._show, columns, is_dumb=is_dumb)

    def _show(self, text: str) -> None:
        self.sent += len(text)
        self._stream.feed(text)

    def type(self, *keys: str) -> Outcome | None:
        outcome = None
        for key in keys:
            self.editor.feed(key)
            outcome = self.editor.take()
        return outcome

    @property
    def rows(self) -> list[str]:
        rows = [row.rstrip() for row in self.screen.display]
        return rows[: max((n for n, row in enumerate(rows, 1) if row), default=0)]


def asked(prompt: str = "> ", columns: int = 20, *, is_dumb: bool = False) -> Desk:
    desk = Desk(columns, is_dumb=is_dumb)
    desk.editor.ask(prompt)
    return desk


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (["hello\r"], "hello"),
        (["h", "e", "y", "\n"], "hey"),
        (["helpp\x7f\r"], "help"),
        (["one two\x17three\r"], "one three"),
        (["one two  \x17\x17\r"], ""),
        (["wrong\x15right\r"], "right"),
        (["\x7f\x7fa\r"], "a"),
        (["grüße \U0001f44d\U0001f3fd\x7f!\r"], "grüße !"),
        (["a\x1b[C\x1b[3~\x1b[1;5Db\r"], "ab"),
        (["a\x1b", "[", "1", "~b\r"], "ab"),
        (["a\x1b", "b\r"], "ab"),
        (["a\tb\x00\x1a\x85c\r"], "abc"),
        (["\x1b[200~one\rtwo\r\n\x03\tthree\x1b[201~\r"], "one\ntwo\n\tthree"),
        (["\x1b[" + "1" * 100 + "\r"], "[" + "1" * 100),
    ],
)
def test_keys_edit_the_line(keys: list[str], line: str) -> None:
    desk = asked()

    assert desk.type(*keys) == line


def test_ctrl_c_and_ctrl_d_are_told_apart() -> None:
    desk = asked()
    assert desk.type("half a line\x03") is Signal.INTERRUPTED

    desk.editor.ask("> ")
    assert desk.type("x\x04") is None  # there is text: it ends nothing
    assert desk.type("\x7f\x04") is Signal.ENDED


def test_earlier_lines_are_recalled_and_no_secret_is() -> None:
    desk = asked()
    desk.type("first\r")
    desk.editor.ask("Password: ", secret=True)
    desk.type("correct horse\r")
    desk.editor.ask("> ")
    desk.type("second\r")
    desk.editor.ask("> ")

    assert desk.type("\x1b[A\x1b[A\x1b[A\x1b[A\r") == "first"
    desk.editor.ask("> ")
    assert desk.type("\x1b[A\x1b[A\x1b[B!\r") == "first!"


def test_a_secret_is_not_shown() -> None:
    desk = Desk()
    desk.editor.feed("typed ahead")
    desk.editor.ask("Password: ", secret=True)

    assert desk.type(" horse\x7f\x7f\r") == "typed ahead hor"
    assert desk.rows == ["Password:"]


def test_what_is_typed_ahead_is_shown_when_it_is_asked_for() -> None:
    desk = Desk()
    desk.editor.feed("one\rtwo")
    assert desk.rows == []

    desk.editor.ask("> ")
    assert desk.editor.take() == "one"
    desk.editor.ask("> ")
    assert desk.editor.take() is None
    assert desk.rows == ["> one", "> two"]


def test_a_message_stands_above_what_is_being_typed() -> None:
    desk = asked(columns=10)
    desk.type("a line of three rows")

    desk.editor.make_way()
    desk._show("ben: soup\r\n")
    desk.editor.draw()

    assert desk.rows == ["ben: soup", "> a line o", "f three ro", "ws"]
    assert desk.type("\x7f" * 13 + "\r") == "a line "
    assert desk.rows == ["ben: soup", "> a line"]


def test_at_the_right_margin_the_cursor_is_on_the_next_row_in_every_terminal() -> None:
    shown: list[str] = []
    editor = LineEditor(shown.append, 8, is_dumb=False)
    editor.ask("> ")
    editor.feed("abcdef")
    editor.take()

    assert "".join(shown) == "> abcdef \b"


def test_on_a_dumb_terminal_nothing_is_drawn_over() -> None:
    desk = asked(is_dumb=True)
    desk.type("half")

    desk.editor.make_way()
    desk._show("ben: soup\r\n")
    desk.editor.draw()

    assert desk.rows == ["> half", "ben: soup", "> half"]


def test_after_a_change_of_width_no_message_is_drawn_over() -> None:
    desk = asked(columns=10)
    desk._show("")
    desk.type("a line of three rows")

    desk.editor.resize(40)
    desk.editor.make_way()
    desk._show("ben: soup\r\n")
    desk.editor.draw()

    assert desk.rows[:4] == ["> a line o", "f three ro", "ws", "ben: soup"]


_TYPED = st.lists(st.sampled_from(["a", "bc", "字", "\x7f", "\x17", "\x15", "é", " "]), max_size=60)


@settings(max_examples=60)
@given(_TYPED, st.integers(8, 12))
def test_the_terminal_always_shows_the_line(keys: list[str], columns: int) -> None:
    """Wide characters that do not fit at the right margin leave a cell empty."""
    desk = asked(columns=columns)
    narrow = [key.replace("字", "z") for key in keys]
    desk.type(*narrow)
    plain = Desk(columns)
    plain.editor.ask("> ")
    plain.type(desk.editor._text)

    assert desk.rows == plain.rows
    assert (desk.screen.cursor.x, desk.screen.cursor.y) == (
        plain.screen.cursor.x, plain.screen.cursor.y
    )  # fmt: skip


def test_a_line_has_a_bound_and_so_has_what_is_typed_ahead() -> None:
    desk = asked()
    assert desk.type("x" * (MAX_LINE + 500) + "\r") == "x" * MAX_LINE

    desk.editor.feed("y" * 10 * MAX_AHEAD)
    desk.editor.ask("> ")
    desk.editor.take()
    assert desk.type("\x15!\r") == "!"


def test_a_flood_of_keys_is_handled_in_parts() -> None:
    desk = asked()
    desk.editor.feed("ab\x7f" * KEYS_AT_ONCE + "\r")

    parts = 0
    while (line := desk.editor.take()) is None:
        assert desk.editor.is_behind
        parts += 1

    assert line == "a" * KEYS_AT_ONCE
    assert parts >= 2


def test_few_lines_are_recalled() -> None:
    desk = asked()
    for n in range(2 * MAX_RECALLED):
        desk.type(f"{n}\r")
        desk.editor.ask("> ")

    assert desk.type("\x1b[A" * 2 * MAX_RECALLED + "\r") == str(MAX_RECALLED)


@pytest.mark.parametrize("keys", ["x\x7f", "\x1b[A", "字\x7f", "\x1b", "\x1b[", "\x17"])
def test_a_key_costs_the_same_in_a_line_of_any_length(keys: str) -> None:
    desk = asked(columns=80)
    desk.type("x" * MAX_LINE)
    before = desk.sent

    desk.type(keys * 100)

    assert desk.sent - before < 100 * 2_000
