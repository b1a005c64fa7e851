"""What is drawn as a mention is what the server takes for one."""

import pytest
from hypothesis import given, settings, strategies as st

from chat_shared.mentions import MAX_MENTIONS, possible_names
from chat_shared.text import clean
from chat_tui.markup.message_text import read_text

_PARTS = (
    *("@", "ada", "ben", " ", "\n", "`", "``", "```\n", "~~~", "> ", ">", "(", ")", "[", "](", ","),
    *("https://x.org/", "mailto:", ".", "-", "'", "\\", "*", "_", "看", "。", "é", "e\u0301", ":"),
)


def drawn(text: str) -> list[str]:
    shown = read_text(text)
    return [shown.body[span.start : span.end] for span in shown.spans if "call" in span.looks]


@settings(max_examples=500)
@given(st.lists(st.sampled_from(_PARTS), max_size=25).map("".join))
def test_as_many_mentions_are_drawn_as_the_server_finds(text: str) -> None:
    assert len(drawn(text)[:MAX_MENTIONS]) == len(possible_names(clean(text)))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("(@ada,@ben)", ["@ada", "@ben"]),
        ("@ada.b, hi", ["@ada.b"]),
        ("请@ada看", ["@ada"]),
        ("@हिन्दी, hi", ["@हिन्दी"]),
        ("> @ada", []),
        ("`@ada` \\@ada", []),
    ],
)
def test_the_name_is_drawn_as_a_mention(text: str, names: list[str]) -> None:
    assert drawn(text) == names
