"""What is selected in the log, how that looks, and what is copied."""

from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.selection import SELECT_ALL
from textual.widgets import TextArea

from chat_tui.ui.log.log_model import LogModel
from chat_tui.ui.log.message_log import MessageLog
from chat_tui.ui.log.rows import NoticeRow
from support.tui_log import HEIGHT, TODAY, LogApp, message_row, row_of, run, screen, started

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
            message_row(1, words, author="ada"),
            message_row(2, "a\nb", author="linus"),
            NoticeRow(("n",), "bob left"),
            message_row(3, "last words", author="linus"),
        ]
    )


def over_all_but_twelve(app: LogApp) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return where to drag from and to, to select everything behind the word "twelve"."""
    log = app.log_widget
    return (2 + 7, row_of(log, "twelve")), (30, row_of(log, "last words"))


async def test_the_composer_keeps_the_focus_while_text_is_selected() -> None:
    app = LogApp(LogModel(run(1, 100)))
    async with started(app) as pilot:
        await drag(pilot, (3, 1), (9, 3))
        assert isinstance(app.focused, TextArea)


async def test_part_of_a_message_is_copied_without_its_gutter_and_soft_breaks() -> None:
    app = LogApp(talk())
    async with started(app) as pilot:
        await pilot.pause()
        first = row_of(app.log_widget, "one two")
        assert screen(app.log_widget)[first : first + 2] == [
            "  one two three four five six seven eight nine ten eleven",
            "  twelve thirteen fourteen",
        ]
        copied = await drag(pilot, (2 + 34, first), (2 + 14, first + 1))
        assert copied == "eight nine ten eleven twelve thirteen"
        assert copied == (await drag(pilot, (2 + 14, first + 1), (2 + 34, first)))


async def test_messages_that_are_copied_together_say_who_said_them() -> None:
    app = LogApp(talk())
    async with started(app) as pilot:
        await pilot.pause()
        assert await drag(pilot, *over_all_but_twelve(app)) == (
            "ada: thirteen fourteen\nlinus: a\nb\nbob left\nlinus: last words"
        )


async def test_a_drag_from_the_gutter_starts_with_the_first_character_of_the_line() -> None:
    app = LogApp(talk())
    async with started(app) as pilot:
        await pilot.pause()
        first = row_of(app.log_widget, "one two")
        assert await drag(pilot, (1, first + 1), (2 + 5, first + 1)) == "twelve"
        assert await drag(pilot, (1, first), (2 + 2, first)) == "one"


async def test_the_column_of_names_means_the_line_beside_it() -> None:
    app = LogApp(LogModel([message_row(1, " ".join(f"word{n:02}" for n in range(30)))]))
    async with started(app) as pilot:
        await pilot.resize_terminal(110, HEIGHT)
        await pilot.pause()
        rows = screen(app.log_widget)
        first_word = rows[-1].split()[0]
        assert await drag(pilot, (9, len(rows) - 1), (24 + 5, len(rows) - 1)) == first_word


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
        await pilot.pause()
        row = row_of(app.log_widget, "twelve")
        await pilot.double_click(MessageLog, offset=(5, row))
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
        copied = await drag(pilot, *over_all_but_twelve(app))
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
        row = row_of(app.log_widget, "twelve")
        await drag(pilot, (2, row), (2 + 5, row))
        marked = [
            segment.text
            for segment in app.log_widget.render_line(row)
            if segment.style
            and segment.style.bgcolor
            == app.screen.get_component_rich_style("screen--selection").bgcolor
        ]
        assert marked == ["twelve"]


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark", "ansi-light"])
async def test_a_theme_recolors_what_is_already_drawn(theme: str) -> None:
    refused = replace(message_row(2), status="refused", reason="too fast")
    app = LogApp(LogModel([message_row(1), refused]))
    async with started(app) as pilot:
        app.theme = "nord"
        await pilot.pause()
        row = row_of(app.log_widget, "too fast")
        before = app.log_widget.render_line(row)
        app.theme = theme
        await pilot.pause()
        after = app.log_widget.render_line(row)
        assert before.text == after.text
        assert [s.style and s.style.color for s in before] != [
            s.style and s.style.color for s in after
        ]


async def test_what_stands_before_quotes_items_and_code_is_not_copied() -> None:
    quoted = "one two three four five six seven eight nine ten eleven twelve"
    text = f"> {quoted}\n- and\n```\nif x:\n    y\n```"
    app = LogApp(LogModel([message_row(1, text)]))
    async with started(app) as pilot:
        await pilot.pause()
        top = row_of(app.log_widget, "one two")
        assert screen(app.log_widget)[top : top + 5] == [
            "  ▎ one two three four five six seven eight nine ten eleven",
            *("  ▎ twelve", "  • and"),
            *("  │ if x:", "  │     y"),
        ]
        assert await drag(pilot, (2 + 2, top), (2 + 7, top + 1)) == quoted
        assert await drag(pilot, (1, top + 1), (2 + 7, top + 1)) == "twelve"
        assert await drag(pilot, (2, top + 3), (2 + 6, top + 4)) == "if x:\n    y"
        assert await drag(pilot, (2, top + 2), (2 + 6, top + 2)) == "- and"


@pytest.mark.parametrize(
    ("text", "cells", "copied"),
    [
        ("汤面好吃", (1, 3), "汤面"),  # from the second half of a sign to that of another
        ("汤面好吃", (0, 2), "汤面"),
        ("汤面好吃", (3, 40), "面好吃"),
        ("汤面好吃", (2, 3), "面"),
        ("x 👩‍💻 y", (3, 4), "👩‍💻 "),
        ("x 👩‍💻 y", (0, 2), "x 👩‍💻"),
        ("❤️ok", (1, 2), "❤️o"),
        ("ok❤️", (0, 3), "ok❤️"),
        ("e\u0301e\u0301x", (0, 1), "e\u0301e\u0301"),
    ],
)
async def test_every_cell_of_a_sign_is_the_whole_sign(
    text: str, cells: tuple[int, int], copied: str
) -> None:
    app = LogApp(LogModel([TODAY, message_row(1, text, author="ada")]))
    async with started(app) as pilot:
        await pilot.pause()
        row = row_of(app.log_widget, text)
        start, end = ((2 + cell, row) for cell in cells)
        assert await drag(pilot, start, end) == copied
