"""The message log in an app: what is on the screen, what the screen is asked, what is copied."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from textual.app import App, ComposeResult
from textual.events import MouseScrollUp
from textual.geometry import Region
from textual.message import Message
from textual.pilot import Pilot
from textual.selection import SELECT_ALL
from textual.widgets import TextArea

from chat_tui.log_model import LogModel
from chat_tui.rows import DayRow, GapRow, MessageRow, NoticeRow, Row
from chat_tui.widgets.message_log import MessageLog
from support.tui_pilot import until_seen

pytestmark = pytest.mark.asyncio

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAY = DayRow(date(2026, 11, 22))
WIDTH, HEIGHT = 60, 20


class LogApp(App[None]):
    """A log over a composer that has the focus."""

    CSS = "TextArea { height: 3; }"

    def __init__(self, model: LogModel | None = None) -> None:
        super().__init__()
        self.log_widget = MessageLog(model, zone=UTC)
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.log_widget
        yield TextArea()

    def on_message_log_older_wanted(self, message: MessageLog.OlderWanted) -> None:
        self.heard.append(message)

    def on_message_log_newer_wanted(self, message: MessageLog.NewerWanted) -> None:
        self.heard.append(message)

    def on_message_log_gap_seen(self, message: MessageLog.GapSeen) -> None:
        self.heard.append(message)

    def on_message_log_follow_changed(self, message: MessageLog.FollowChanged) -> None:
        self.heard.append(message)

    def count(self, kind: type[Message]) -> int:
        return sum(isinstance(message, kind) for message in self.heard)

    def news(self) -> list[tuple[bool, int]]:
        changes = [m for m in self.heard if isinstance(m, MessageLog.FollowChanged)]
        return [(change.following, change.new_below) for change in changes]


def said(seq: int, text: str | None = None, author: str | None = None) -> MessageRow:
    return MessageRow(
        ("seq", seq),
        author or f"author{seq % 7}",
        f"message {seq}" if text is None else text,
        NOON + timedelta(minutes=seq % 600),
    )


def run(start: int, end: int) -> list[Row]:
    return [said(seq) for seq in range(start, end)]


def screen(log: MessageLog) -> list[str]:
    return [log.render_line(y).text.rstrip() for y in range(log.size.height)]


def started(app: LogApp) -> AbstractAsyncContextManager[Pilot[None]]:
    return app.run_test(size=(WIDTH, HEIGHT + 3), notifications=True)


async def scroll_up(pilot: Pilot[None], pages: int) -> None:
    await pilot.pause()
    for _ in range(pages):
        pilot.app.query_one(MessageLog).page_up()
        await pilot.pause()


async def test_the_newest_message_is_in_the_last_line() -> None:
    app = LogApp(LogModel(run(1, 100)))
    async with started(app) as pilot:
        await pilot.pause()
        assert screen(app.log_widget)[-1] == "  message 99"

        app.log_widget.model.append(run(100, 103))
        await pilot.pause()
        assert screen(app.log_widget)[-1] == "  message 102"


async def test_few_messages_stand_at_the_top() -> None:
    app = LogApp(LogModel(run(1, 2)))
    async with started(app) as pilot:
        await pilot.pause()
        assert screen(app.log_widget)[:3] == [" author1  12:01", "  message 1", ""]


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

        assert log.render_lines(log.size.region) is drawn


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
        model.replace(("seq", 1001), said(1001, "much longer now " * 30))
        model.remove(("seq", 1190))
        model.remove(("seq", 900))
        await pilot.pause()
        assert screen(app.log_widget) == seen


async def test_a_row_that_is_edited_in_view_shows_at_once() -> None:
    app = LogApp(LogModel(run(1, 100)))
    async with started(app) as pilot:
        app.log_widget.model.replace(("seq", 99), said(99, "edited"))
        await pilot.pause()
        assert screen(app.log_widget)[-1] == "  edited"


async def test_the_place_survives_another_width_and_height() -> None:
    rows: list[Row] = [said(seq, f"{seq}: " + "some words " * (seq % 9)) for seq in range(300)]
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
    app = LogApp(LogModel(said(n, " ".join(row)) for n, row in enumerate(words)))
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
        app.log_widget.model.append([*run(100, 103), replace(said(103), own=True)])
        await pilot.pause()

        assert app.news() == [(False, 0), (False, 3)]
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
        assert app.news()[-1] == (True, 0)
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
        assert app.news()[-1] == (False, 10)


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
        app.heard.clear()
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


async def test_dangerous_text_is_shown_harmlessly() -> None:
    texts = ["\x1b[2J", "[/]", "[bold]x[/bold]", "a\u202eb", "x\n" * 2000, "👩‍👩‍👧" * 90, ""]
    rows: list[Row] = [said(n, text, author=text) for n, text in enumerate(texts)]
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
    app = LogApp(LogModel([said(1, "\n".join(f"line {n}" for n in range(2000)))]))
    async with started(app) as pilot:
        await pilot.pause()
        assert screen(app.log_widget)[-1] == "  … 1,960 more lines"

        await pilot.click(MessageLog, offset=(5, HEIGHT - 1))
        await pilot.pause()

        assert app.log_widget.virtual_size.height == 2001
        assert screen(app.log_widget)[-1] == "  line 1999"


async def test_the_composer_keeps_the_focus_while_text_is_selected() -> None:
    app = LogApp(LogModel(run(1, 100)))
    async with started(app) as pilot:
        await drag(pilot, (3, 1), (9, 3))
        assert isinstance(app.focused, TextArea)


async def test_a_keystroke_in_the_composer_draws_no_line_of_the_log() -> None:
    app = LogApp(LogModel(run(1, 100)))
    async with started(app) as pilot:
        await pilot.pause()
        log = app.log_widget
        drawn = log.render_lines(log.size.region)

        await pilot.press("h", "i")
        await pilot.pause()
        assert log.render_lines(log.size.region) is drawn

        log.model.append(run(100, 101))
        await pilot.pause()
        assert log.render_lines(log.size.region) is not drawn


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
