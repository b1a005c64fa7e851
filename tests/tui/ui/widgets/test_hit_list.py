import pytest

from chat_shared import messages as m
from chat_tui.ui.widgets.hit_list import HitList, row
from support.tui_chat import HOSTILE
from support.tui_host import hosting

AT = "2026-11-22T09:30:00.000Z"


def hit(number: int, text: str = "is there soup?", room: str = "kitchen") -> m.Hit:
    return m.Hit(number, room, number, "Ben", text, AT, [(9, 13)])


def test_a_hit_says_where_by_whom_and_what_was_found() -> None:
    content = row(hit(1), str)

    place, text = content.plain.split("\n")
    assert place.startswith("# kitchen  Ben  2026-11-22 ")
    assert text == "  is there soup?"
    (found,) = [span for span in content.spans if "warning" in str(span.style)]
    assert content.plain[found.start : found.end] == "soup"


def test_direct_messages_are_named_after_the_participant() -> None:
    assert row(hit(1, room="@3-17"), {"@3-17": "cleo"}.__getitem__).plain.startswith("@ cleo ")


@pytest.mark.parametrize("text", [*HOSTILE, "soup" * 2_000, "🍲汤" * 500, "e" + "\u0301" * 500, ""])
def test_hostile_text_stays_on_its_row_and_does_nothing(text: str) -> None:
    found = m.Hit(1, text, 1, text, text, AT, [(0, 1), (2, 5), (4, 9_999)])

    content = row(found, lambda room: room)

    assert content.plain.count("\n") == 1
    assert not set(content.plain) & set("\x1b\x07\u202e\u2066")
    assert len(content.plain.split("\n")[1]) < 300


@pytest.mark.asyncio
async def test_more_below_leaves_who_looks_where_they_are() -> None:
    hits = HitList(str)
    async with hosting(hits):
        hits.show([hit(n) for n in range(20, 10, -1)])
        hits.step("down")
        hits.extend([hit(n) for n in range(10, 0, -1)])

        assert hits.chosen == hit(19)
        hits.step("page_down")
        assert hits.chosen == hit(14)
        hits.step("up")
        assert hits.chosen == hit(15)
        hits.show([])
        hits.step("down")
        assert hits.chosen is None


def test_a_hit_names_its_files_as_far_as_there_is_room() -> None:
    files = (m.File(1, "soup.pdf", 9), m.File(2, "x\x1b\n" * 200, 9))
    with_text = m.Hit(1, "kitchen", 1, "Ben", "is there soup?", AT, [(9, 13)], files)
    without = m.Hit(1, "kitchen", 1, "Ben", "", AT, [], files)

    assert "  is there soup?  📄 soup.pdf, 📄 x" in row(with_text, str).plain
    _, text = row(without, str).plain.split("\n")
    assert text.startswith("  📄 soup.pdf, 📄 x")
    assert len(text) < 110
    assert "\x1b" not in text
