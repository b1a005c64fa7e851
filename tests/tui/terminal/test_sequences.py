"""What is typed and what a terminal reports are told apart, wherever the input is cut."""

from hypothesis import given, strategies as st

from chat_tui.terminal.sequences import MAX_SEQUENCE, PATIENCE, Sequences, is_report

_TYPED = st.text("aä4c;[?\r🙂", max_size=3)
_REPORTS = st.sampled_from(["\x1b[?62;4c", "\x1bP>|foot(1.13.1)\x1b\\", "\x1b_Gi=1;OK\x1b\\"])
_KEYS = st.sampled_from(["\x1b[A", "\x1b[1;5C", "\x1bOP", "\x1b[<35;10;20M", "\x1b[?2026;2$y"])


@given(st.lists(st.tuples(_TYPED, _REPORTS, _KEYS), max_size=4), st.data())
def test_reports_are_found_and_the_rest_is_as_it_was(
    parts: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    sent = "".join("".join(part) for part in parts)
    cut = data.draw(st.integers(0, len(sent)))
    sequences = Sequences()

    pieces = [*sequences.split(sent[:cut], 0.0), *sequences.split(sent[cut:], 0.0)]

    assert [piece for piece in pieces if is_report(piece)] == [report for _, report, _ in parts]
    typed = "".join(piece for piece in pieces if not is_report(piece))
    assert typed == "".join(text + key for text, _, key in parts)


@given(st.text("\x1b[]P_?;4c\\\x07ab", max_size=60))
def test_no_input_is_held_for_long(sent: str) -> None:
    sequences = Sequences()

    typed = "".join(sequences.split(sent, 0.0)) + sequences.give_up(PATIENCE, 0.1)

    assert len(typed) <= len(sent)
    assert [*sequences.split("x", PATIENCE)] == ["x"]


def test_escape_alone_acts_sooner_than_the_rest_of_a_sequence_is_given_up() -> None:
    sequences = Sequences()
    assert [*sequences.split("\x1b", 0.0)] == []
    assert sequences.give_up(0.05, 0.1) == ""
    assert sequences.give_up(0.1, 0.1) == "\x1b"

    assert [*sequences.split("\x1b[1", 0.0)] == []
    assert sequences.give_up(PATIENCE - 0.1, 0.1) == ""
    assert [*sequences.split(";5C", PATIENCE - 0.1)] == ["\x1b[1;5C"]


def test_of_a_sequence_without_an_end_little_is_kept() -> None:
    sequences = Sequences()

    assert [*sequences.split(f"\x1bP>|{'x' * 10 * MAX_SEQUENCE}", 0.0)] == []

    assert len(sequences._held) <= MAX_SEQUENCE


def test_of_words_behind_escape_none_are_lost_however_many_there_are() -> None:
    sent = f"\x1bP{'lease ' * MAX_SEQUENCE}"
    sequences = Sequences()

    assert "".join(sequences.split(sent, 0.0)) + sequences.give_up(PATIENCE, 0.1) == sent
