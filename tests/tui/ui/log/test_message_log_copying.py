"""What is selected in the log, how that looks, and what is copied."""

from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.selection import SELECT_ALL
from textual.widgets import TextArea

from chat_tui.ui.log.log_model import LogModel
from chat_tui.ui.log.message_log import MessageLog
from chat_tui.ui.log.rows import NoticeRow
from support.tui_log import HEIGHT, TODAY, LogApp, run, said, screen, started

pytestmark = pytest.mark.asyncio


async def drag(pilot: Pilot[None], start: tuple[int, int], end: tuple[int, int]) -> str | None:
    await pilot.mouse_down(MessageLog, offset=start)
    await pilot.hover(MessageLog, offset=end)
    await pilot.mouse_up(MessageLog, offset=end)
    return pilot.app.screen.get_selected_text()


def talk() -> LogModel:
    words = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    return LogModel(
        [
            TODAY,
            said(1, words, author="ada"),
            said(2, "a\nb", author="linus"),
            NoticeRow(("n",), "bob left"),
            said(3, "last words", author="linus"),
        ]
    )


async def test_the_composer_keeps_the_focus_while_text_is_selected() -> None:
    app = LogApp(LogModel(run(1, 100)))
    async with started(app) as pilot:
        await drag(pilot, (3, 1), (9, 3))
        assert isinstance(app.focused, TextArea)


async def test_part_of_a_message_is_copied_without_its_gutter_and_soft_breaks() -> None:
    app = LogApp(talk())
    async with started(app) as pilot:
        await pilot.pause()
        assert screen(app.log_widget)[2:4] == [
            "  one two three four five six seven eight nine ten eleven",
            "  twelve thirteen fourteen",
        ]
        copied = await drag(pilot, (2 + 34, 2), (2 + 14, 3))
        assert copied == "eight nine ten eleven twelve thirteen"
        assert copied == (await drag(pilot, (2 + 14, 3), (2 + 34, 2)))


async def test_messages_that_are_copied_together_say_who_said_them() -> None:
    app = LogApp(talk())
    async with started(app) as pilot:
        await pilot.pause()
        assert await drag(pilot, (2 + 7, 3), (30, 9)) == (
            "ada: thirteen fourteen\nlinus: a\nb\nbob left\nlinus: last words"
        )


async def test_a_drag_from_the_gutter_starts_with_the_first_character_of_the_line() -> None:
    app = LogApp(talk())
    async with started(app) as pilot:
        await pilot.pause()
        assert await drag(pilot, (1, 3), (2 + 5, 3)) == "twelve"
        assert await drag(pilot, (1, 2), (2 + 2, 2)) == "one"


async def test_the_column_of_names_means_the_line_beside_it() -> None:
    app = LogApp(LogModel([said(1, " ".join(f"word{n:02}" for n in range(30)))]))
    async with started(app) as pilot:
        await pilot.resize_terminal(110, HEIGHT)
        await pilot.pause()
        first_word = screen(app.log_widget)[1].split()[0]
        assert await drag(pilot, (9, 1), (23 + 5, 1)) == first_word


async def test_all_of_the_log_can_be_copied() -> None:
    app = LogApp(LogModel(run(1, 300)))
    async with started(app) as pilot:
        await pilot.pause()
        app.screen.selections = {app.log_widget: SELECT_ALL}
        copied = app.screen.get_selected_text()
        assert copied is not None
        assert copied.splitlines()[0] == "author1: message 1"
        assert len(copied.splitlines()) == 299


async def test_a_double_click_selects_the_message() -> None:
    app = LogApp(talk())
    async with started(app) as pilot:
        await pilot.double_click(MessageLog, offset=(5, 3))
        await pilot.pause()
        selected = app.screen.get_selected_text()
        assert selected is not None
        assert selected.startswith("one two")
        assert selected.endswith("fourteen")


async def test_a_selection_stays_on_its_words_whatever_arrives() -> None:
    model = talk()
    app = LogApp(model)
    async with started(app) as pilot:
        await pilot.pause()
        copied = await drag(pilot, (2 + 7, 3), (30, 9))
        model.prepend(run(500, 520))
        model.append(run(600, 620))
        model.insert(("seq", 1), run(700, 703))
        await pilot.resize_terminal(110, 30)
        await pilot.pause()
        assert app.screen.get_selected_text() == copied

        model.remove(("seq", 1))
        await pilot.pause()
        assert app.screen.get_selected_text() is None


async def test_what_is_selected_looks_selected() -> None:
    app = LogApp(talk())
    async with started(app) as pilot:
        await pilot.pause()
        await drag(pilot, (2, 3), (2 + 5, 3))
        marked = [
            segment.text
            for segment in app.log_widget.render_line(3)
            if segment.style
            and segment.style.bgcolor
            == app.screen.get_component_rich_style("screen--selection").bgcolor
        ]
        assert marked == ["twelve"]


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark", "ansi-light"])
async def test_a_theme_recolors_what_is_already_drawn(theme: str) -> None:
    refused = replace(said(2), status="refused", reason="too fast")
    app = LogApp(LogModel([said(1), refused]))
    async with started(app) as pilot:
        app.theme = "nord"
        await pilot.pause()
        before = app.log_widget.render_line(4)
        app.theme = theme
        await pilot.pause()
        after = app.log_widget.render_line(4)
        assert before.text == after.text
        assert [s.style and s.style.color for s in before] != [
            s.style and s.style.color for s in after
        ]


async def test_what_stands_before_quotes_items_and_code_is_not_copied() -> None:
    quoted = "one two three four five six seven eight nine ten eleven twelve"
    text = f"> {quoted}\n- and\n```\nif x:\n    y\n```"
    app = LogApp(LogModel([said(1, text)]))
    async with started(app) as pilot:
        await pilot.pause()
        assert screen(app.log_widget)[1:6] == [
            "  ▎ one two three four five six seven eight nine ten eleven",
            *("  ▎ twelve", "  • and"),
            *("  │ if x:", "  │     y"),
        ]
        assert await drag(pilot, (2 + 2, 1), (2 + 7, 2)) == quoted
        assert await drag(pilot, (1, 2), (2 + 7, 2)) == "twelve"
        assert await drag(pilot, (2, 4), (2 + 6, 5)) == "if x:\n    y"
        assert await drag(pilot, (2, 3), (2 + 6, 3)) == "- and"
