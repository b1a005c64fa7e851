"""What a selection copies: what was meant, and nothing of how it is drawn."""

from datetime import UTC, datetime

from textual.geometry import Offset
from textual.selection import SELECT_ALL, Selection

from chat_shared.messages import Reaction
from chat_tui.model.draft import Quote
from chat_tui.ui.log.log_model import LogModel
from chat_tui.ui.log.rows import MessageRow
from chat_tui.ui.log.selection import selected_text, whole_row

AT = datetime(2026, 11, 22, 9, 12, tzinfo=UTC)


def posted(seq: int, text: str) -> MessageRow:
    reactions = (Reaction("👍", 1, ["ben"]),)
    return MessageRow(
        ("seq", seq), "ada", text, AT, quote=Quote(1, "ben", "why"), edited=True,
        reactions=reactions,
    )  # fmt: skip


def copied(text: str, start: int = 0, end: int | None = None) -> str:
    model = LogModel([posted(1, text)])
    whole = whole_row(model, 0)
    assert whole.end is not None
    last = whole.end if end is None else Offset(end, 0)
    return selected_text(Selection(Offset(start, 0), last), model)


def test_one_message_is_its_text_alone() -> None:
    assert copied("**hello** `you`") == "hello you"


def test_code_keeps_its_lines_and_its_spaces() -> None:
    assert copied("```python\ndef f():\n\n    pass\n```") == "def f():\n\n    pass"


def test_quotes_and_items_are_what_was_typed() -> None:
    assert copied("> so\n- one\n- two") == "> so\n- one\n- two"
    assert copied("> so it is", start=2) == "so it is"


def test_a_link_with_other_words_is_copied_with_where_it_leads() -> None:
    assert copied("see [this](https://e.org/x) now") == "see this (https://e.org/x) now"
    assert copied("see [this](https://e.org/x) now", end=8) == "see this"


def test_several_messages_say_who_said_them() -> None:
    deleted = MessageRow(("seq", 3), "ben", "", AT, deleted=True)
    model = LogModel([posted(1, "*one*"), posted(2, "a\nb"), deleted])

    assert selected_text(SELECT_ALL, model) == "ada: one\nada: a\nb"
