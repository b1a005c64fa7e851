"""What is drawn over a widget is drawn again whenever its cells are, and leaves nothing behind."""

import pytest
from textual._compositor import CompositorUpdate
from textual.app import ComposeResult
from textual.geometry import Region, Size
from textual.screen import ModalScreen
from textual.widgets import Static

from chat_tui.terminal.overlay import Overlay
from chat_tui.terminal.textual_internals import ClientApp, patch_textual

pytestmark = pytest.mark.asyncio

PICTURE = "\x1bPq picture\x1b\\"
CLEAR = "\x1b[2J"


@pytest.fixture(autouse=True)
def front_compositor() -> None:
    patch_textual()


class Opaque(ModalScreen[None]):
    CSS = "Opaque { background: red; }"


class Gallery(ClientApp):
    """A wall for a picture, a line below it, and a note on the wall."""

    CSS = """
    Screen { layers: base over; }
    #wall { height: 1fr; }
    #below { height: 1; }
    #note { layer: over; width: 5; height: 1; offset: 4 3; }
    """

    def compose(self) -> ComposeResult:
        yield Static("wall", id="wall")
        yield Static("line", id="below")
        yield Static("note!", id="note")

    def hang(self) -> None:
        wall = self.query_one("#wall")
        self.overlays.overlay = Overlay(wall, wall.size, Region(2, 3, 10, 4), PICTURE)

    def update(self, *ids: str) -> str:
        """Return what is drawn after these widgets have changed; without any, everything."""
        compositor = self.screen._compositor
        if ids:
            compositor.update_widgets({self.query_one(f"#{id}") for id in ids})
        update = compositor.render_update(full=not ids)
        assert isinstance(update, CompositorUpdate)
        updates = [self.overlays.cleared(update)]
        if self.overlays.is_due(update, self.screen):
            over = self.overlays.drawn(self.screen)
            assert over is not None
            updates.append(over)
        return "".join(each.render_segments(self.console) for each in updates)


async def test_it_is_drawn_with_its_cells_and_not_without_them() -> None:
    app = Gallery()
    async with app.run_test(size=(40, 12)):
        assert PICTURE not in app.update()
        app.hang()

        assert f"\x1b[4;3H{PICTURE}" in app.update()
        assert PICTURE in app.update("wall")
        assert PICTURE not in app.update("below")
        assert PICTURE not in app.update("note")


async def test_what_is_in_front_is_drawn_over_it() -> None:
    app = Gallery()
    async with app.run_test(size=(40, 12)):
        app.hang()

        _, _, after = app.update("wall").partition(PICTURE)

        assert "\x1b[4;5H" in after
        assert "note!" in after
        assert "wall" not in after


async def test_the_column_beside_it_is_drawn_again() -> None:
    app = Gallery()
    async with app.run_test(size=(40, 12)):
        app.hang()
        app.query_one("#note").display = False
        await app.animator.wait_until_complete()
        app.screen._refresh_layout()

        _, _, after = app.update().partition(PICTURE)

        assert [f"\x1b[{row};13H" in after for row in range(3, 9)] == [
            *(False, True, True, True, True, False)
        ]


async def test_before_everything_is_drawn_what_was_left_is_cleared_once() -> None:
    app = Gallery()
    async with app.run_test(size=(40, 12)):
        app.hang()
        assert CLEAR not in app.update()
        assert app.update().startswith(CLEAR)
        assert CLEAR not in app.update("wall")
        app.overlays.overlay = None

        assert app.update().startswith(CLEAR)
        assert CLEAR not in app.update()


async def test_it_is_not_drawn_in_another_size_nor_on_another_screen() -> None:
    app = Gallery()
    async with app.run_test(size=(40, 12)) as pilot:
        app.hang()
        await pilot.resize_terminal(50, 12)
        assert PICTURE not in app.update()

        app.hang()
        assert PICTURE in app.update()
        await app.push_screen(ModalScreen())
        assert PICTURE not in app.update()
        app.pop_screen()
        await pilot.pause()
        assert PICTURE in app.update()
        assert app.query_one("#wall").size == Size(50, 11)


async def test_what_nobody_sees_below_a_screen_does_not_draw_it_again() -> None:
    app = Gallery()
    async with app.run_test(size=(40, 12)):
        await app.push_screen(ModalScreen())
        assert app._background_screens == app.screen_stack[:1]

        await app.push_screen(Opaque())
        assert app._background_screens == []
