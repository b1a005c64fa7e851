"""Only what is seen of what changed is drawn, and it looks as Textual draws it."""

import random

import pyte
import pytest
from textual._compositor import Compositor, CompositorUpdate
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Region
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widgets import Static

from chat_tui.terminal.compositor import REMEMBERED, FrontCompositor
from chat_tui.terminal.textual_internals import ClientApp, patch_textual


class Area(Static):
    """Counts how often it is rendered."""

    rendered = 0

    def render_lines(self, crop: Region) -> list[Strip]:
        self.rendered += 1
        return super().render_lines(crop)


class Frame(Vertical, Area):
    """Is seen only beside what it contains."""


class Layers(ClientApp):
    """Panels next to each other, one of them partly covered, and a line below."""

    CSS = """
    Screen { layers: base over; }
    #main { height: 1fr; }
    #left { width: 20; border-right: solid red; }
    #frame { width: 1fr; }
    #log { height: 1fr; overflow-y: scroll; }
    #pill { layer: over; width: 7; height: 1; dock: right; }
    #status { height: 1; }
    """

    def compose(self) -> ComposeResult:
        with Horizontal(id="main"):
            yield Area("rooms\nof all 🏠 kinds", id="left")
            with Frame(id="frame"):
                yield Area("some words on a line\n" * 60, id="log")
                yield Area("5 new", id="pill")
        yield Area("ready", id="status")


class Question(ModalScreen[None]):
    DEFAULT_CSS = "Question { align: center middle; background: blue 30%; } Area { width: 9; }"

    def compose(self) -> ComposeResult:
        yield Area("Do it?")


def as_textual_draws(screen: Screen[object]) -> Compositor:
    """Return Textual's own compositor with the state that the one of `screen` has."""
    compositor = Compositor()
    vars(compositor).update(vars(screen._compositor))
    return compositor


def shown(app: Layers, update: CompositorUpdate | None) -> list[list[pyte.screens.Char]]:
    """Return the cells of an empty terminal in which `update` is drawn."""
    assert update is not None
    terminal = pyte.Screen(*app.size)
    pyte.Stream(terminal).feed(update.render_segments(app.console))
    return [[terminal.buffer[y][x] for x in range(app.size.width)] for y in range(app.size.height)]


def assert_drawn_as_textual_draws(app: Layers, regions: set[Region]) -> None:
    screen = app.screen
    screen._compositor._dirty_regions = {*regions}
    expected = as_textual_draws(screen).render_partial_update()
    screen._compositor._dirty_regions = {*regions}
    drawn = screen._compositor.render_partial_update()
    assert shown(app, drawn) == shown(app, expected)


def some_regions(chance: random.Random, app: Layers) -> set[Region]:
    regions, (width, height) = set(), app.size
    for _ in range(chance.randint(1, 4)):
        x, y = chance.randrange(width), chance.randrange(height)
        regions.add(Region(x, y, chance.randint(1, width - x), chance.randint(1, height - y)))
    return regions


@pytest.mark.asyncio
@pytest.mark.parametrize("dialog", [False, True])
@pytest.mark.parametrize("seed", range(20))
async def test_what_is_drawn_is_what_textual_draws(dialog: bool, seed: int) -> None:
    patch_textual()
    app = Layers()
    async with app.run_test(size=(60, 20)) as pilot:
        if dialog:
            app.push_screen(Question())
            await pilot.pause()
        assert_drawn_as_textual_draws(app, some_regions(random.Random(seed), app))
        whole = as_textual_draws(app.screen).render_full_update().render_segments(app.console)
        assert app.screen._compositor.render_full_update().render_segments(app.console) == whole


@pytest.mark.asyncio
async def test_the_same_changes_are_drawn_where_widgets_are_by_then() -> None:
    patch_textual()
    app = Layers()
    async with app.run_test(size=(60, 20)) as pilot:
        regions = some_regions(random.Random(3), app) | {app.query_one("#frame").region}
        for offset in (0, 2, 2, 5):
            app.query_one("#pill").styles.offset = (-offset, offset)
            await pilot.pause()
            assert_drawn_as_textual_draws(app, regions)
        app.query_one("#left").display = False
        await pilot.pause()
        assert_drawn_as_textual_draws(app, regions)


@pytest.mark.asyncio
async def test_what_is_seen_in_many_places_is_remembered_of_few() -> None:
    patch_textual()
    app = Layers()
    async with app.run_test(size=(60, 20)):
        for y in range(app.size.height):
            assert_drawn_as_textual_draws(app, {Region(0, y, 60, 1)})
        assert isinstance(app.screen._compositor, FrontCompositor)
        assert len(app.screen._compositor._seen_in) == REMEMBERED


@pytest.mark.asyncio
async def test_a_screen_that_was_closed_keeps_none_of_its_widgets() -> None:
    patch_textual()
    app = Layers()
    async with app.run_test(size=(60, 20)) as pilot:
        app.push_screen(Question())
        await pilot.pause()
        compositor = app.screen._compositor
        assert isinstance(compositor, FrontCompositor)
        app.screen.query_one(Area).refresh()
        await pilot.pause()
        assert compositor._seen_in

        await app.pop_screen()
        assert not compositor._seen_in
        assert compositor._seen_while == (None, None)


@pytest.mark.asyncio
async def test_nothing_is_rendered_but_what_changed_and_is_seen() -> None:
    patch_textual()
    app = Layers()
    async with app.run_test(size=(60, 20)) as pilot:
        areas = {area.id: area for area in app.query(Area)}
        await pilot.pause()
        before = {name: area.rendered for name, area in areas.items()}

        areas["log"].refresh()
        areas["status"].refresh()
        await pilot.pause()

        drawn = {name for name, area in areas.items() if area.rendered > before[name]}
        assert drawn == {"log", "pill", "status"}
