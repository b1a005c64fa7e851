"""The message log in an app: what is on the screen, and what the screen is asked."""

from dataclasses import replace

import pytest
from textual.events import MouseScrollUp

from chat_tui.ui.log.log_model import LogModel
from chat_tui.ui.log.message_log import MessageLog
from chat_tui.ui.log.rows import NoticeRow, Row
from support.tui_log import HEIGHT, WIDTH, LogApp, message_row, run, screen, scroll_up, started

pytestmark = pytest.mark.asyncio


async def test_the_newest_message_is_in_the_last_line() -> None:
    app = LogApp(LogModel(run(1, 100)))
    async with started(app) as pilot:
        await pilot.pause()
        assert screen(app.log_widget)[-1] == "  message 99"

        app.log_widget.model.append(run(100, 103))
        await pilot.pause()
        assert screen(app.log_widget)[-1] == "  message 102"


async def test_a_short_log_stands_at_the_bottom() -> None:
    app = LogApp(LogModel(run(1, 2)))
    async with started(app) as pilot:
        await pilot.pause()
        assert screen(app.log_widget)[-3:] == ["", "  author1  12:01", "  message 1"]


async def test_an_empty_log_is_blank_and_can_be_scrolled() -> None:
    app = LogApp()
    async with started(app) as pilot:
        for move in (app.log_widget.page_up, app.log_widget.line_down, app.log_widget.to_end):
            move()
            await pilot.pause()
        assert screen(app.log_widget) == [""] * HEIGHT
        assert app.screen.get_selected_text() is None


async def test_nothing_moves_while_somebody_reads() -> None:
    app = LogApp(LogModel(run(1000, 1200)))
    async with started(app) as pilot:
        await scroll_up(pilot, 3)
        seen = screen(app.log_widget)
        model = app.log_widget.model

        model.append(run(1200, 1300))
        await pilot.pause()
        assert screen(app.log_widget) == seen
        model.prepend(run(800, 1000))
        await pilot.pause()
        assert screen(app.log_widget) == seen
        model.replace(("seq", 1001), message_row(1001, "much longer now " * 30))
        model.remove(("seq", 1190))
        model.remove(("seq", 900))
        await pilot.pause()
        assert screen(app.log_widget) == seen


async def test_a_row_that_is_edited_in_view_shows_at_once() -> None:
    app = LogApp(LogModel(run(1, 100)))
    async with started(app) as pilot:
        app.log_widget.model.replace(("seq", 99), message_row(99, "edited"))
        await pilot.pause()
        assert screen(app.log_widget)[-1] == "  edited"


async def test_the_place_survives_another_width_and_height() -> None:
    rows: list[Row] = [
        message_row(seq, f"{seq}: " + f"words of {seq}: " * (seq % 9)) for seq in range(300)
    ]
    app = LogApp(LogModel(rows))
    async with started(app) as pilot:
        await scroll_up(pilot, 5)
        place = app.log_widget.model.place
        assert place is not None
        before = screen(app.log_widget)

        for width, height in ((100, 30), (130, 12), (41, 50), (WIDTH, HEIGHT + 3)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            assert app.log_widget.model.place == place
            assert f"{place.key[1]}:" in "\n".join(screen(app.log_widget))

        assert screen(app.log_widget) == before


async def test_a_view_that_grows_past_the_end_and_back_keeps_the_place() -> None:
    app = LogApp(LogModel(run(1, 100)))
    async with started(app) as pilot:
        await scroll_up(pilot, 1)
        before = screen(app.log_widget)
        await pilot.resize_terminal(WIDTH, 60)
        await pilot.pause()
        await pilot.resize_terminal(WIDTH, HEIGHT + 3)
        await pilot.pause()
        assert screen(app.log_widget) == before


async def test_a_log_that_follows_still_does_after_a_resize() -> None:
    app = LogApp(LogModel(run(1, 200)))
    async with started(app) as pilot:
        for size in ((130, 40), (50, 10), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.log_widget.model.follow
            assert screen(app.log_widget)[-1].endswith("message 199")


async def test_pages_follow_each_other_without_a_line_lost() -> None:
    # No two of these words fit a row together, which an estimate cannot know.
    words = [[f"{n:03}.{k}".ljust(30, "x") for k in range(n % 5 + 1)] for n in range(120)]
    app = LogApp(LogModel(message_row(n, " ".join(row)) for n, row in enumerate(words)))
    async with started(app) as pilot:
        await pilot.pause()
        seen = page = screen(app.log_widget)
        for _ in range(12):
            await scroll_up(pilot, 1)
            page = screen(app.log_widget)
            assert page[-1] == seen[0]
            seen = page[:-1] + seen
        for _ in range(4):
            app.log_widget.page_down()
            await pilot.pause()
            assert screen(app.log_widget)[0] == page[-1]
            page = screen(app.log_widget)

    text = [line.strip() for line in seen if "xxx" in line]
    assert text == [word for row in words for word in row][-len(text) :]


async def test_scrolling_up_by_a_single_line_stops_following() -> None:
    app = LogApp(LogModel(run(1, 100)))
    async with started(app) as pilot:
        await pilot.pause()
        app.log_widget.line_up()
        await pilot.pause()
        app.log_widget.model.append([*run(100, 103), replace(message_row(103), own=True)])
        await pilot.pause()

        assert app.follow_changes() == [(False, 0), (False, 3)]
        assert "message 100" not in "\n".join(screen(app.log_widget))


async def test_scrolling_down_to_nearly_the_end_follows_again() -> None:
    app = LogApp(LogModel(run(1, 100)))
    async with started(app) as pilot:
        await scroll_up(pilot, 1)
        app.log_widget.model.append(run(100, 101))
        while not app.log_widget.model.follow:
            app.log_widget.line_down()
            await pilot.pause()

        assert app.log_widget.max_scroll_y - app.log_widget.scroll_y == 2
        assert app.follow_changes()[-1] == (True, 0)
        app.log_widget.model.append(run(101, 102))
        await pilot.pause()
        assert screen(app.log_widget)[-1] == "  message 101"


async def test_the_end_is_a_key_away() -> None:
    app = LogApp(LogModel(run(1, 100)))
    async with started(app) as pilot:
        app.log_widget.to_start()
        await pilot.pause()
        assert screen(app.log_widget)[1] == "  message 1"
        assert not app.log_widget.model.follow

        app.log_widget.to_end()
        await pilot.pause()
        assert screen(app.log_widget)[-1] == "  message 99"
        assert app.log_widget.model.follow


async def test_a_row_can_be_gone_to() -> None:
    app = LogApp(LogModel(run(1, 1000)))
    async with started(app) as pilot:
        app.log_widget.to_row(("seq", 500))
        await pilot.pause()
        assert screen(app.log_widget)[HEIGHT // 4 + 1] == "  message 500"

        app.log_widget.to_row(("seq", 999))
        await pilot.pause()
        assert app.log_widget.model.follow
        with pytest.raises(KeyError):
            app.log_widget.to_row(("seq", 5000))


async def test_a_room_is_found_as_it_was_left() -> None:
    kitchen, lobby = LogModel(run(1, 300)), LogModel(run(1, 50))
    app = LogApp(kitchen)
    async with started(app) as pilot:
        await scroll_up(pilot, 3)
        seen = screen(app.log_widget)

        app.log_widget.show(lobby)
        await pilot.pause()
        assert screen(app.log_widget)[-1] == "  message 49"
        kitchen.append(run(300, 310))

        app.log_widget.show(kitchen)
        await pilot.pause()
        assert screen(app.log_widget) == seen
        assert app.follow_changes()[-1] == (False, 10)


async def test_a_room_that_is_not_shown_moves_nothing() -> None:
    first = LogModel(run(1, 50))
    app = LogApp(first)
    async with started(app) as pilot:
        app.log_widget.show(LogModel(run(1, 20)))
        await pilot.pause()
        seen = screen(app.log_widget)
        first.append(run(50, 60))
        await pilot.pause()
        assert screen(app.log_widget) == seen


async def test_dangerous_text_is_shown_harmlessly() -> None:
    texts = ["\x1b[2J", "[/]", "[bold]x[/bold]", "a\u202eb", "x\n" * 2000, "👩‍👩‍👧" * 90, ""]
    rows: list[Row] = [message_row(n, text, author=text) for n, text in enumerate(texts)]
    app = LogApp(LogModel([*rows, NoticeRow(("n",), "[/] \x1b[2J")]))
    async with started(app) as pilot:
        for width in (20, 60, 120):
            await pilot.resize_terminal(width, HEIGHT)
            app.log_widget.to_start()
            await pilot.pause()
            for _ in range(8):
                lines = [app.log_widget.render_line(y) for y in range(app.log_widget.size.height)]
                assert all(strip.cell_length == width for strip in lines)
                drawn = "".join(strip.text for strip in lines)
                assert not set(drawn) & set("\x1b\x9b\u202e\n\t")
                app.log_widget.page_down()
                await pilot.pause()


async def test_a_folded_message_unfolds_on_a_click() -> None:
    app = LogApp(LogModel([message_row(1, "\n".join(f"line {n}" for n in range(2000)))]))
    async with started(app) as pilot:
        await pilot.pause()
        assert screen(app.log_widget)[-1] == "  … 1,960 more lines"

        await pilot.click(MessageLog, offset=(5, HEIGHT - 1))
        await pilot.pause()

        assert app.log_widget.virtual_size.height == 2001
        assert screen(app.log_widget)[-1] == "  line 1999"


def turned_up() -> MouseScrollUp:
    return MouseScrollUp(None, 5, 5, 0, 0, 0, False, False, False, 5, 5)


async def test_the_wheel_scrolls_without_losing_the_place() -> None:
    app = LogApp(LogModel(run(1, 200)))
    async with started(app) as pilot:
        await pilot.pause()
        before = screen(app.log_widget)
        app.log_widget.post_message(turned_up())
        await pilot.pause()
        assert not app.log_widget.model.follow
        assert screen(app.log_widget)[2:] == before[:-2]
