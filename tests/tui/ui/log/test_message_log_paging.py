"""What the log asks for when its reader comes near its ends, or sees a gap."""

import pytest

from chat_tui.ui.log.log_model import LogModel
from chat_tui.ui.log.message_log import MessageLog
from chat_tui.ui.log.rows import GapRow
from support.tui_log import HEIGHT, LogApp, run, screen, scroll_up, started

pytestmark = pytest.mark.asyncio


async def test_older_messages_are_asked_for_once_before_the_top_is_reached() -> None:
    model = LogModel(run(1000, 1100), more_above=True)
    app = LogApp(model)
    async with started(app) as pilot:
        await pilot.pause()
        assert app.count(MessageLog.OlderWanted) == 0
        while not app.count(MessageLog.OlderWanted):
            await scroll_up(pilot, 1)
        assert 0 < app.log_widget.scroll_y <= HEIGHT
        await scroll_up(pilot, 2)
        assert app.count(MessageLog.OlderWanted) == 1

        seen = screen(app.log_widget)
        model.prepend(run(800, 1000), more=True)
        await pilot.pause()
        assert screen(app.log_widget) == seen
        assert app.count(MessageLog.OlderWanted) == 1

        app.log_widget.to_start()
        await pilot.pause()
        assert app.count(MessageLog.OlderWanted) == 2
        model.prepend(run(700, 800), more=False)
        app.log_widget.to_start()
        await pilot.pause()
        assert app.count(MessageLog.OlderWanted) == 2


async def test_a_room_with_less_than_a_page_asks_at_once() -> None:
    app = LogApp(LogModel(run(1000, 1002), more_above=True))
    async with started(app) as pilot:
        await pilot.pause()
        assert app.count(MessageLog.OlderWanted) == 1


async def test_the_end_of_what_is_loaded_is_not_the_end_of_the_room() -> None:
    model = LogModel(run(1, 100), more_below=True)
    app = LogApp(model)
    async with started(app) as pilot:
        app.log_widget.to_row(("seq", 10))
        await pilot.pause()
        app.received.clear()
        model.asked_below = False
        for _ in range(20):
            app.log_widget.page_down()
            await pilot.pause()
        assert app.count(MessageLog.NewerWanted) == 1
        assert not model.follow

        seen = screen(app.log_widget)
        model.extend(run(100, 150))
        await pilot.pause()
        assert screen(app.log_widget) == seen
        assert model.new_below == 0


async def test_a_gap_in_view_asks_to_be_filled_and_the_reader_stays() -> None:
    model = LogModel([GapRow(("gap",), 50), *run(100, 200)])
    app = LogApp(model)
    async with started(app) as pilot:
        await pilot.pause()
        assert app.count(MessageLog.GapSeen) == 0
        app.log_widget.to_start()
        await pilot.pause()
        assert app.count(MessageLog.GapSeen) == 1
        model.replace(("gap",), GapRow(("gap",), 50, loading=True))
        await pilot.pause()
        assert "loading older messages…" in screen(app.log_widget)[0]

        below = screen(app.log_widget)[1:]
        model.replace(("gap",), *run(50, 100))
        await pilot.pause()
        assert screen(app.log_widget)[1:] == below
        assert app.count(MessageLog.GapSeen) == 1
