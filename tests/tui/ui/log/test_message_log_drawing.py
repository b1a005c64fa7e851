"""What of the log is drawn when something changes, and what is left as it is."""

import pytest
from textual.geometry import Region
from textual.strip import Strip

from chat_tui.ui.log.log_model import LogModel
from support.tui_log import HEIGHT, LogApp, message_row, run, screen, scroll_up, started
from support.tui_pilot import until_seen

pytestmark = pytest.mark.asyncio


def assert_same(lines: list[Strip], others: list[Strip]) -> None:
    """Assert that these are the same objects: nothing was drawn."""
    assert [id(line) for line in lines] == [id(line) for line in others]


@pytest.mark.parametrize("rows", [0, 1, 10])
async def test_what_comes_into_a_log_that_is_not_full_is_drawn(rows: int) -> None:
    app = LogApp(LogModel(run(1, rows + 1)))
    async with started(app) as pilot:
        await pilot.pause()
        app.log_widget.model.append(run(90, 91))
        await until_seen(pilot, "message 90")


async def test_what_comes_below_a_view_that_does_not_move_costs_no_drawing() -> None:
    app = LogApp(LogModel(run(1, 100)))
    async with started(app) as pilot:
        await scroll_up(pilot, 1)
        log = app.log_widget
        drawn = log.render_lines(log.size.region)

        log.model.append(run(100, 101))

        assert_same(log.render_lines(log.size.region), drawn)
        assert not log._exchange_repaint_regions()


async def test_a_keystroke_in_the_composer_draws_no_line_of_the_log() -> None:
    app = LogApp(LogModel(run(1, 100)))
    async with started(app) as pilot:
        await pilot.pause()
        log = app.log_widget
        drawn = log.render_lines(log.size.region)

        await pilot.press("h", "i")
        await pilot.pause()
        assert_same(log.render_lines(log.size.region), drawn)


async def test_a_message_at_the_end_moves_lines_that_were_drawn_before() -> None:
    app = LogApp(LogModel(run(1, 100)))
    async with started(app) as pilot:
        await pilot.pause()
        log = app.log_widget
        drawn = log.render_lines(log.size.region)
        log._exchange_repaint_regions()

        log.model.append(run(100, 101))

        (changed,) = log._exchange_repaint_regions()
        assert changed.width == log.size.width - 1  # and not the scrollbar
        moved = log.render_lines(log.size.region)
        assert_same(moved[:-3], drawn[3:])  # a blank line, the author, the text
        assert "message 100" in moved[-1].text


async def test_a_message_that_is_unfolded_is_drawn_anew() -> None:
    long = message_row(5, "word\n" * 60)
    app = LogApp(LogModel([*run(1, 5), long]))
    async with started(app) as pilot:
        await pilot.pause()
        assert "more lines" in screen(app.log_widget)[-1]

        app.log_widget.model.unfold(long.key)

        assert "more lines" not in screen(app.log_widget)[-1]


async def test_lines_are_drawn_as_they_are_pointed_at() -> None:
    app = LogApp(LogModel(run(1, 100)))
    async with started(app) as pilot:
        await pilot.pause()
        log = app.log_widget
        drawn = [strip.text.rstrip() for strip in log.render_lines(log.size.region)]
        assert drawn == screen(log)
        part = log.render_lines(Region(2, HEIGHT - 1, 7, 1))
        assert [strip.text for strip in part] == ["message"]


async def test_the_scrollbar_is_drawn_only_when_its_thumb_moves() -> None:
    app = LogApp(LogModel(run(1, 3000)))
    async with started(app) as pilot:
        await pilot.pause()
        bar = app.log_widget.vertical_scrollbar
        bar._exchange_repaint_regions()
        app.log_widget.model.append(run(3000, 3001))
        assert not bar._exchange_repaint_regions()
        assert bar.window_virtual_size == app.log_widget.virtual_size.height

        app.log_widget.to_start()
        assert bar.position == 0
        assert bar._exchange_repaint_regions()
