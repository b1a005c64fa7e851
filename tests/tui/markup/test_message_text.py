"""Messages as displayed: quotes, lists and code, and the text of a copy."""

import time

import pytest
from hypothesis import given, strategies as st

from chat_tui.markup.message_text import MessageText, TextLine, read_text

CODE = "before\n```python\ndef f():\n    return '**x**'\n```\nafter"
MARKS = st.text(alphabet="ab1 *_~`[]()<>:@.-\n\\é字\t", max_size=80)


def looks(text: str) -> list[tuple[str, tuple[str, ...]]]:
    read = read_text(text)
    return [(read.body[span.start : span.end], span.looks) for span in read.spans]


def test_a_text_without_marks_is_only_a_body() -> None:
    assert read_text("Kettle is on.\nCups?") == MessageText("Kettle is on.\nCups?")


def test_control_characters_are_made_visible() -> None:
    assert read_text("a\x1b[2Jb\tc").body == "a␛[2Jb  c"
    assert "\x1b" not in read_text("[a\x1b]8;;x](http://a.b/\x1b)").body


def test_spans_count_displayed_characters() -> None:
    assert looks("one **two**\n`three`") == [("two", ("bold",)), ("three", ("code",))]
    assert read_text("one **two**\n`three`").body == "one two\nthree"


def test_a_mark_does_not_reach_over_the_end_of_a_line() -> None:
    assert read_text("**one\ntwo**").body == "**one\ntwo**"


def test_a_quote_has_a_bar_on_every_row() -> None:
    read = read_text("> so *it* is\nyes")

    assert read.body == "▎ so it is\nyes"
    assert read.lines[0] == TextLine(0, 10, hang="▎ ", lead=2)
    assert ("it", ("quote", "italic")) in looks("> so *it* is\nyes")
    assert read_text("> > deep").body == "▎▎ deep"
    assert read_text("yes\n> so").body == "yes\n▎ so"


def test_a_quote_mentions_nobody() -> None:
    assert ("@ada", ("call",)) in looks("@ada")
    assert looks("> @ada") == [("▎ ", ("bar",)), ("@ada", ("quote",))]


@pytest.mark.parametrize("line", [">_<", ">:(", "a > b", "->x", "-5 degrees", "1.5 cups", "*"])
def test_text_that_only_resembles_a_quote_or_a_list_stays(line: str) -> None:
    assert read_text(line) == MessageText(line)


def test_items_hang_under_their_text() -> None:
    read = read_text("buy:\n- flour\n  * salt\n10. olives")

    assert read.body == "buy:\n• flour\n  • salt\n10. olives"
    assert [line.hang for line in read.lines] == ["", "  ", "    ", "    "]
    assert [line.lead for line in read.lines] == [0, 2, 4, 4]


def test_code_keeps_its_lines_and_nothing_in_it_is_a_mark() -> None:
    read = read_text(CODE)

    assert read.body == "before\ndef f():\n    return '**x**'\nafter"
    assert [line.code for line in read.lines] == [False, True, True, False]
    assert ("def", ("code-keyword",)) in looks(CODE)
    assert ("f", ("code-name",)) in looks(CODE)


def test_code_without_a_language_is_not_highlighted() -> None:
    assert looks("```\ndef f(): pass\n```") == []
    assert looks("```klingon\ndef f(): pass\n```") == []


@pytest.mark.parametrize(
    "text",
    ["```\nnever closed", "```\n```", "```", "~~~x\ny\n```", "````\nx\n```", "a ```\nb\n```"],
)
def test_an_unmatched_fence_stays_text(text: str) -> None:
    assert read_text(text).body == text


def test_the_closing_fence_may_be_longer() -> None:
    assert read_text("~~~\na\n```\n~~~~").body == "a\n```"


def test_a_copy_has_the_original_text() -> None:
    assert read_text("> a\n- b\n1.  c").copied() == "> a\n- b\n1.  c"
    assert read_text("**see** [this](https://e.org/x)").copied() == "see this (https://e.org/x)"
    assert read_text(CODE).copied(7, 15) == "def f():"


def test_a_copy_of_half_a_mark_has_the_displayed_text() -> None:
    read = read_text("[this](https://e.org/x) one")

    assert read.copied(0, 6) == "this ("
    assert read.copied(12) == " one"


def test_each_link_is_listed_once() -> None:
    assert read_text("http://a.b http://c.d http://a.b [x](http://c.d)").links == (
        "http://a.b",
        "http://c.d",
    )


@given(st.text(max_size=200) | MARKS)
def test_no_text_raises_and_spans_are_in_order(text: str) -> None:
    read = read_text(text)
    ends = [end for span in read.spans for end in (span.start, span.end)]

    assert ends == sorted(ends)
    assert not ends or ends[-1] <= len(read.body)
    assert all(span.end > span.start for span in read.spans)
    if read.lines:
        assert [read.body[line.start : line.end] for line in read.lines] == read.body.split("\n")


@given(MARKS)
def test_the_whole_copy_is_the_text_without_its_marks(text: str) -> None:
    seen = iter(text.expandtabs(4))

    if "://" not in text:
        assert all(char in seen for char in read_text(text).copied())


@given(st.text(alphabet="ab é字.,!?()'\"/-+=%&#$ \n", max_size=80))
def test_ordinary_text_is_shown_unchanged(text: str) -> None:
    lines = [line.lstrip() for line in text.split("\n")]

    if not any(line.startswith("- ") for line in lines):
        assert read_text(text).body == text


HOSTILE = {
    "open fences": "```a\n" * 6_000,
    "fences": "```\n" * 2_500,
    "fences of all lengths": "\n".join("`" * n + "x" for n in range(120, 3, -1)),
    "quotes": ">" * 8_000,
    "nested quotes": "> " * 4_000 + "x",
    "quoted lines": "> > > x\n" * 1_000,
    "items": "- x\n" * 2_000,
    "newlines": "*\n" * 4_000,
    "code": "```java\n" + "\n" * 3_900 + "```",
    "tabs": "\t" * 8_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_takes_more_than_a_moment(text: str) -> None:
    started = time.thread_time()
    read_text(text)

    assert time.thread_time() - started < 1


@given(st.text(alphabet="ab\t ", max_size=30))
def test_a_line_of_code_is_drawn_with_tab_stops_and_copied_as_it_is(code: str) -> None:
    text = read_text(f"```\n{code}\n```")

    assert text.body == code.expandtabs(4)
    assert text.copied() == code
    assert text.lines == (TextLine(0, len(text.body), code=True),)


def test_tabs_in_code_are_drawn_as_spaces_and_copied_as_tabs() -> None:
    text = read_text("```py\nif a:\n\treturn\t1\n```")

    assert text.body == "if a:\n    return  1"
    assert text.copied() == "if a:\n\treturn\t1"
    assert any("code-keyword" in span.looks and span.end - span.start == 6 for span in text.spans)
