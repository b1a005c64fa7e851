"""Inline markup is recognized, and text that is no markup stays unchanged."""

import time

import pytest
from hypothesis import given, strategies as st

from chat_tui.markup.inline import Piece, pieces
from support.hostile_texts import MARKUP

URL = "https://example.org/a_b*c*d"
MARKS = st.text(alphabet="ab *_~`[]()<>:@.\\!é字\t1", max_size=60)


def shown(line: str) -> str:
    return "".join(piece.text for piece in pieces(line))


def looks(line: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(piece.text, piece.looks) for piece in pieces(line) if piece.looks]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("a **bold** word", [("bold", ("bold",))]),
        ("*one* and _two_", [("one", ("italic",)), ("two", ("italic",))]),
        ("~~no~~", [("no", ("strike",))]),
        ("***both***", [("both", ("bold", "italic"))]),
        ("*so* it is", [("so", ("italic",))]),
        ("*one* two*", [("one", ("italic",))]),
        ("字*字*字*字", [("字", ("italic",))]),
        ("**a *b** c", [("a ", ("bold",)), ("*", ("bold",)), ("b", ("bold",))]),
        (
            "*a **b _c***",
            [(text, ("italic",)) for text in ("a ", "**", "b ", "_", "c")],
        ),
        ("**a *b***", [("a ", ("bold",)), ("b", ("bold", "italic"))]),
        ("*a **b***", [("a ", ("italic",)), ("b", ("italic", "bold"))]),
        ("(*so*), **well**.", [("so", ("italic",)), ("well", ("bold",))]),
        ("これは**太字**です", [("太字", ("bold",))]),
        ("`x = *y*` done", [("x = *y*", ("code",))]),
        ("`` a`b ``", [("a`b", ("code",))]),
        ("```whole```", [("whole", ("code",))]),
        ("**use `rm`**", [("use ", ("bold",)), ("rm", ("code", "bold"))]),
        ("看https://a.b/c。好", [("https://a.b/c", ("link",))]),
        ("**https://a.b/c**。", [("https://a.b/c", ("link", "bold"))]),
        (
            "（见https://a.b/c），「https://a.b/d」！",
            [
                ("https://a.b/c", ("link",)),
                ("https://a.b/d", ("link",)),
            ],
        ),
        ("@ada, and (@ben).", [("@ada", ("call",)), ("@ben", ("call",))]),
    ],
)
def test_marks_give_looks_to_the_text_between_them(
    line: str, found: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert looks(line) == found


@pytest.mark.parametrize(
    "line",
    [
        *(
            "snake_case_words",
            "2*3*4",
            "2 * 3 * 4",
            "a ** b",
            "__init__",
            "(a)*(b)*(c)",
            "2 *(a)*(b)",
            "x**2**3",
        ),
        *("*so*me", "**bold**ly", "*a** b", "**a* b", "[ ](https://a.example)", "[x](https://..)"),
        *("**never closed", "never opened**", "`never closed", "~single~", "~~~~", "****", "* *"),
        *(
            "¯\\_(ツ)_/¯",
            "f(*args, **kwargs)",
            "ls *.py *.txt",
            ".*foo.*",
            "\\*so\\*",
            "*so\\*",
            "_ _ _",
        ),
        *("12:30:45", "std::map::key", "10:100:20", ":no_such_emoji:", "ada@example.org", "@ ada"),
        *("[x](ftp://a.b)", "[x](javascript:alert(1))", "[x] (http", "a[0](b)"),
        *(">_<", ":(", "C:\\_tmp_\\x", "https://", "http://..", "mailto:nobody"),
    ],
)
def test_text_that_is_no_markup_survives(line: str) -> None:
    assert shown(line) == line
    assert looks(line) == []


def test_an_address_is_a_link_and_nothing_in_it_is_a_mark() -> None:
    assert pieces(f"see {URL}, now")[1] == Piece(URL, ("link",), URL)
    assert shown(f"see {URL}, now") == f"see {URL}, now"


def test_marks_around_an_address_are_marks() -> None:
    assert pieces(f"**{URL}**") == [Piece(URL, ("link", "bold"), URL)]


def test_a_link_with_a_title_shows_its_host() -> None:
    title, host = pieces("[your bank](https://evil.example/login)")

    assert title == Piece("your bank", ("link",), "https://evil.example/login")
    assert host.text == " (evil.example)"
    assert host.copied == " (https://evil.example/login)"


def test_words_that_look_like_an_address_do_not_hide_the_real_one() -> None:
    assert shown("[https://bank.example](https://evil.example)") == (
        "https://bank.example (evil.example)"
    )
    assert shown("[https://a.example](https://a.example)") == "https://a.example"


def test_brackets_may_stand_in_an_address() -> None:
    (title, _) = pieces("[x](https://e.org/x_(y))")

    assert title.link == "https://e.org/x_(y)"


def test_names_between_colons_are_emoji() -> None:
    assert shown("well :tada::+1: (:joy:)") == "well 🎉👍 (😂)"


def test_code_contains_neither_emoji_nor_links_nor_mentions() -> None:
    assert pieces("`:tada: http://a.b @ada`") == [Piece(":tada: http://a.b @ada", ("code",))]


def test_in_a_quote_nobody_is_mentioned_and_the_rest_is_marked() -> None:
    assert pieces("**hey** @ada, `x`", mentions=False) == [
        Piece("hey", ("bold",)),
        Piece(" "),
        Piece("@ada"),
        Piece(", "),
        Piece("x", ("code",)),
    ]


@given(st.text(max_size=100) | MARKS)
def test_no_text_raises_and_nothing_is_invented(line: str) -> None:
    seen = iter(line)

    if ":" not in line:  # neither emoji nor addresses, which show what was not typed
        assert all(char in seen for char in shown(line)), shown(line)


@given(MARKS.map(lambda text: text.translate(dict.fromkeys(map(ord, "*_~`[:@"), "-"))))
def test_a_line_without_marks_is_shown_unchanged(line: str) -> None:
    assert shown(line) == line
    assert looks(line) == []


@given(MARKS)
def test_code_is_shown_unchanged(line: str) -> None:
    fence = "`" * 70

    assert pieces(f"{fence}x{line}x{fence}") == [Piece(f"x{line}x", ("code",))]


@pytest.mark.parametrize("line", MARKUP.values(), ids=MARKUP)
def test_no_line_takes_more_than_a_moment(line: str) -> None:
    started = time.thread_time()
    pieces(line * 10)

    # Ten messages as long as they may be: a fifth of a second. What is quadratic takes many.
    assert time.thread_time() - started < 2
