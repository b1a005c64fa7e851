"""Paths as people type them and as terminals paste them."""

import pytest

from chat_tui.commands.paths import has_caption, last_word, pasted, quoted, read_upload, upload_line


@pytest.mark.parametrize(
    ("typed", "words", "caption"),
    [
        ("~/report.pdf", ["~/report.pdf"], ""),
        ("a.pdf b.pdf", ["a.pdf", "b.pdf"], ""),
        ("a.pdf -- Here it is", ["a.pdf"], "Here it is"),
        ("a.pdf b.pdf --  Two: don't -- worry", ["a.pdf", "b.pdf"], "Two: don't -- worry"),
        ("'My File.pdf' -- x", ["My File.pdf"], "x"),
        (r'"My \"File\".pdf"', ['My "File".pdf'], ""),
        (r"My\ File.pdf\'s", ["My File.pdf's"], ""),
        ("a'b c'd\"e f\"", ["ab cde f"], ""),
        ("file:///home/ada/My%20File.pdf", ["/home/ada/My File.pdf"], ""),
        ("-- only", [], "only"),
        ("a.pdf --no", ["a.pdf", "--no"], ""),
        ("a.pdf '--' b", ["a.pdf", "--", "b"], ""),
    ],
)
def test_quotes_backslashes_and_a_caption_are_understood(
    typed: str, words: list[str], caption: str
) -> None:
    upload = read_upload(typed)

    assert (list(upload.alternatives[-1]), upload.caption) == (words, caption)


def test_spaces_that_nobody_quoted_may_belong_to_the_name() -> None:
    assert read_upload("~/My File.pdf -- x").alternatives == (
        ("~/My File.pdf",),
        ["~/My File.pdf"],
        ["~/My", "File.pdf"],
    )
    assert read_upload("~/My File.pdf ./b c ../d /e").alternatives[1] == [
        *("~/My File.pdf", "./b c", "../d", "/e"),
    ]
    assert read_upload("Ada's report.pdf").alternatives == (
        ("Ada's report.pdf",),
        ["Ada's report.pdf"],
        ["Ada's", "report.pdf"],
    )


@pytest.mark.parametrize(
    ("text", "likeliest"),
    [
        ("/home/ada/report.pdf", ["/home/ada/report.pdf"]),
        ("'/home/ada/My File.pdf' ", ["/home/ada/My File.pdf"]),
        (r"/home/ada/My\ File.pdf", ["/home/ada/My File.pdf"]),
        ("file:///home/ada/My%20File.pdf\n", ["/home/ada/My File.pdf"]),
        ("file://localhost/a%C3%A9\r\nfile:///b\n", ["/aé", "/b"]),
        ("/a.pdf /b.pdf", ["/a.pdf", "/b.pdf"]),
        ("~/a.pdf", ["~/a.pdf"]),
        ("/home/ada/My File.pdf", ["/home/ada/My File.pdf"]),
    ],
)
def test_a_dragged_file_is_recognized_however_the_terminal_pastes_it(
    text: str, likeliest: list[str]
) -> None:
    assert pasted(text)[0] == likeliest


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "hello",
        "report.pdf",
        "see /etc/hosts",
        "https://x.org/a",
        "a\n/b",
        "/a\nb",
        "x" * 99,
    ],
)
def test_a_text_is_no_path(text: str) -> None:
    assert not pasted(text)


def test_a_paste_without_end_is_not_looked_at() -> None:
    assert not pasted("/a" * 50_000)


def test_the_word_at_the_cursor_is_what_its_quotes_mean() -> None:
    assert last_word(r"a.pdf ~/My\ Fi") == (6, "~/My Fi")
    assert last_word("a.pdf ") == (6, "")
    assert last_word("") == (0, "")
    assert has_caption("a.pdf -- ~/")
    assert not has_caption("a.pdf --x ~/")


@pytest.mark.parametrize("path", ["/a b", r"/a\b", "/it's", '/a"b', "/ü"])
def test_a_path_that_is_completed_or_taken_back_means_itself(path: str) -> None:
    assert list(read_upload(quoted(path)).alternatives[-1]) == [path]
    line = upload_line([path, "/c"], "Two: don't")
    assert list(read_upload(line.removeprefix("/upload ")).alternatives[-1]) == [path, "/c"]
    assert read_upload(line.removeprefix("/upload ")).caption == "Two: don't"
