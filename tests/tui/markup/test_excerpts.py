import pytest

from chat_tui.markup.excerpts import Piece, excerpt
from support.tui_chat import HOSTILE


def test_matches_are_marked() -> None:
    assert excerpt("is there any soup?", [(13, 17)]) == [
        Piece("is there any "),
        Piece("soup", found=True),
        Piece("?"),
    ]


def test_without_a_match_the_beginning_is_shown() -> None:
    assert excerpt("hello\nthere", []) == [Piece("hello there")]
    assert excerpt("", []) == []


def test_a_long_message_is_cut_around_the_first_match() -> None:
    pieces = excerpt("a" * 1_000 + "soup" + "b" * 1_000, [(1_000, 1_004)])

    text = "".join(piece.text for piece in pieces)
    assert text.startswith("…aaa")
    assert text.endswith("bbb…")
    assert Piece("soup", found=True) in pieces
    assert len(text) < 300


def test_a_match_behind_the_cut_is_not_shown() -> None:
    text = "soup " + "a" * 1_000 + "soup"

    pieces = excerpt(text, [(0, 4), (1_005, 1_009)])

    shown, dots = "".join(piece.text for piece in pieces[:-1]), pieces[-1]
    assert text.startswith(shown)
    assert dots == Piece("…")
    assert [piece.text for piece in pieces if piece.found] == ["soup"]


def test_matches_side_by_side_are_both_marked() -> None:
    assert excerpt("soupsoup", [(0, 4), (4, 8)]) == [Piece("soup", True), Piece("soup", True)]


@pytest.mark.parametrize(
    "marks",
    [
        [(-1, 3)],
        [(3, 3)],
        [(4, 2)],
        [(0, 999)],
        [(900, 999)],
        [(2, 4), (3, 5), (0, 1)],
        [(0, 5)] * 10_000,
    ],
)
def test_invalid_marks_lose_no_character(marks: list[tuple[int, int]]) -> None:
    pieces = excerpt("hello", marks)

    assert "".join(piece.text for piece in pieces) == "hello"


def test_marks_are_sorted() -> None:
    found = [piece.text for piece in excerpt("a b c", [(4, 5), (0, 1)]) if piece.found]

    assert found == ["a", "c"]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("mark", [(0, 1), (1, 2), (2, 5)])
def test_hostile_text_is_harmless_wherever_it_is_cut(text: str, mark: tuple[int, int]) -> None:
    shown = "".join(piece.text for piece in excerpt(text, [mark]))

    assert not set(shown) & set("\x1b\x07\u202e\u2066\n")


@pytest.mark.parametrize(
    ("found", "drawn"),  # with the match in angle quotes
    [
        ("**‹red›** bicycle", "‹red› bicycle"),
        ("a ***red*** `‹bicycle›`", "a red ‹bicycle›"),
        ("hun**dred** ‹red›", "hun**dred** ‹red›"),
        ("*hundred* *‹red›*", "hundred ‹red›"),
        ("*hundred* *‹red›dish*", "hundred ‹red›dish"),
        ("> ‹red›", "▎ ‹red›"),
        ("- red\n- *‹green›*", "• red • ‹green›"),
        ("[‹red›](https://red.example/green) :tada:", "‹red› (red.example) 🎉"),
        ("```python\n‹red› = 1\n```", "‹red› = 1"),
        ("a_‹red›_b", "a_‹red›_b"),
        ("2*‹red›*3", "2*‹red›*3"),
    ],
)
def test_a_match_is_shown_as_it_is_drawn(found: str, drawn: str) -> None:
    start, end = found.index("‹"), found.index("›") - 1
    pieces = excerpt(found.replace("‹", "").replace("›", ""), [(start, end)])
    assert "".join(f"‹{p.text}›" if p.found else p.text for p in pieces) == drawn


def test_a_match_that_is_not_drawn_is_left_out() -> None:
    text = "[here](https://example.org/red)"
    assert excerpt(text, [(27, 30)]) == [Piece("here (example.org)")]


def test_the_longest_message_is_done_in_no_time() -> None:
    text = "*a* " * 2_000
    pieces = excerpt(text, [(at, at + 1) for at in range(1, 8_000, 4)])
    assert sum(piece.found for piece in pieces) == 50
