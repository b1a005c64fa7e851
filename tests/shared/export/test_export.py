"""Exported rooms, read back: by a JSON decoder, an HTML parser and a Markdown renderer."""

from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from urllib.parse import unquote

import msgspec
import pytest
from hypothesis import given, strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec.structs import replace

from chat_shared.export import FORMATS, ExportedRoom, path_of
from chat_shared.messages import File, Line, Reaction
from chat_shared.text import clean, clean_line

_AT = "2026-11-29T09:30:00.000Z"
_ROOM = ExportedRoom("kitchen", "soup & bread", "ada", _AT)
_REPORT = File(7, "re port #1.pdf", 1_234_567)
_CAT = File(8, "cat.png", 900, "image/png")
_PICTURES = Line(3, "ben", "look\nhere", _AT, reply=1, files=(_REPORT, _CAT))

_texts = st.text(max_size=60) | st.sampled_from(
    ["</p><script>x</script>", "**ada** 09:30 · #4", "```\n<b>", "> #\n\n# title", "&lt;", "[a](b)"]
)


def exported(kind: str, *lines: Line, room: ExportedRoom = _ROOM) -> str:
    writer = FORMATS[kind].writer(room)
    return "".join([writer.begin(), *map(writer.message, lines), writer.end()])


class Page(HTMLParser):
    """The tags with their attributes, and the text between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


# --- lines of JSON ----------------------------------------------------------------------


@given(_texts)
def test_each_line_of_json_is_the_message_as_history_has_it(text: str) -> None:
    line = Line(4, "ben", text, _AT, edited=_AT, reactions=(Reaction("👍", 1, ["ada"]),))

    head, message = exported("jsonl", line).removesuffix("\n").split("\n")

    assert msgspec.json.decode(head)["room"] == "kitchen"
    assert msgspec.json.decode(message, type=Line) == line


def test_changes_are_among_the_lines_of_json_so_that_no_number_is_missing() -> None:
    edit = Line(2, "ada", "", _AT, change="edit", of=1)

    assert '"change":"edit"' in exported("jsonl", edit)


def test_each_file_in_json_has_the_path_it_is_stored_under() -> None:
    message = msgspec.json.decode(exported("jsonl", _PICTURES).splitlines()[1])

    assert [file["path"] for file in message["files"]] == [
        "files/3-7/re port #1.pdf",
        "files/3-8/cat.png",
    ]


# --- HTML -------------------------------------------------------------------------------


@given(_texts, _texts, _texts)
def test_nothing_that_people_write_becomes_a_tag(text: str, name: str, topic: str) -> None:
    plain = exported("html", Line(1, "a", "b", _AT), room=ExportedRoom("r", "t", "o", _AT))
    room = ExportedRoom(name, topic or "t", name or "o", _AT)

    page = Page(exported("html", Line(1, name, text or "b", _AT), room=room))

    assert [tag for tag, _ in page.tags] == [tag for tag, _ in Page(plain).tags]
    assert clean(text or "b") in page.texts


def test_the_page_loads_and_runs_nothing_from_elsewhere() -> None:
    page = Page(exported("html", _PICTURES))

    assert "default-src 'none'" in (page.all("meta")[1]["content"] or "")
    assert [tag["src"] for tag in page.all("img")] == ["files/3-8/cat.png"]
    assert not page.all("script")


def test_links_lead_to_the_files_and_to_the_messages() -> None:
    page = Page(exported("html", _PICTURES))

    targets = [unquote(tag["href"] or "") for tag in page.all("a")]
    assert targets == ["#m3", "#m1", path_of(_PICTURES, _REPORT), path_of(_PICTURES, _CAT)]
    assert page.all("article") == [{"id": "m3"}]


def test_without_their_content_files_are_named_only() -> None:
    room = ExportedRoom("kitchen", "", "", _AT, has_files=False)

    assert "<img" not in exported("html", _PICTURES, room=room)
    assert "re port #1.pdf 1.2 MB" in exported("html", _PICTURES, room=room)
    assert "path" not in exported("jsonl", _PICTURES, room=room)
    assert "](" not in exported("markdown", _PICTURES, room=room)


# --- Markdown ---------------------------------------------------------------------------


@given(_texts, _texts)
def test_no_text_looks_like_another_message(text: str, name: str) -> None:
    line = Line(4, name or "ben", text or "x", _AT)

    tokens = MarkdownIt().parse(exported("markdown", line))

    top = [token.type for token in tokens if token.level == 0 and token.nesting >= 0]
    assert top == [
        *("heading_open", "paragraph_open"),  # the room
        *("paragraph_open", "heading_open"),  # who exported it when, and the day
        *("paragraph_open", "blockquote_open"),  # the message
    ]
    assert not [token for token in _all(tokens) if token.type in ("html_block", "html_inline")]


@pytest.mark.parametrize(
    "text",
    [
        "[1]: http://evil.example",
        "> - [1]: http://evil.example",
        "two\n\n 1. [1]: <http://evil.example>",
        "[1\n]: http://evil.example",
        "![x](http://evil.example/x.png)",
        "![x][1] \\![x](http://evil.example/x.png)",
    ],
)
def test_a_text_loads_nothing_and_links_no_text_of_others(text: str) -> None:
    lines = [Line(4, "ben", text, _AT), Line(5, "ada", "see [1] and ![1]", _AT)]

    kinds = [token.type for token in _all(MarkdownIt().parse(exported("markdown", *lines)))]

    assert not {"image", "link_open"} & set(kinds)


def test_what_a_text_leaves_open_ends_before_the_files_and_reactions() -> None:
    line = replace(_PICTURES, text="```\nopen", reactions=(Reaction("👍", 2, ["ada"]),))

    tokens = MarkdownIt().parse(exported("markdown", line))

    fence = next(token for token in tokens if token.type == "fence")
    assert fence.content == "open\n"
    assert len([token for token in _all(tokens) if token.type == "link_open"]) == 2


def _all(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or ())


@given(_texts)
def test_names_are_drawn_as_they_are(name: str) -> None:
    heading = f"**{clean_line(name)}"

    tokens = MarkdownIt().parse(exported("markdown", Line(4, name, "x", _AT)))

    drawn = "".join(t.content for t in _all(tokens) if t.type == "text")
    assert " ".join(heading.removeprefix("**").split()) in " ".join(drawn.split())


def test_changes_are_left_out_and_deletions_are_shown() -> None:
    change = Line(2, "ada", "", _AT, change="edit", of=1)
    deleted = Line(1, "ada", "", _AT, deleted=True)

    for kind in ("html", "markdown"):
        assert "#2" not in exported(kind, change)
        assert "message deleted" in exported(kind, deleted)
