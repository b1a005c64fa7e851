"""Textual reads, styles and draws as the client needs it."""

import gc
import os
import weakref

import pytest
from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers import linux_driver
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from chat_tui.terminal.compositor import FrontCompositor
from chat_tui.terminal.key_parser import KeyParser
from chat_tui.terminal.textual_internals import ClientApp, patch_textual
from chat_tui.terminal.writer import LastingWriter


@pytest.mark.parametrize(
    ("sent", "key"),
    [("\x1b\r", "alt+enter"), ("\x1b1", "alt+1"), ("\r", "enter"), ("\n", "ctrl+j"), ("1", "1")],
)
def test_an_old_terminal_sends_the_key_that_was_pressed(sent: str, key: str) -> None:
    patch_textual()
    patch_textual()
    parser = XTermParser()

    events_ = list(parser.feed(sent))
    while not events_:  # the parser waits a moment for the rest of a longer sequence
        events_ = list(parser.tick())

    assert [event.key for event in events_ if isinstance(event, events.Key)] == [key]


def test_textual_uses_this_parser() -> None:
    patch_textual()
    assert linux_driver.XTermParser is KeyParser  # type: ignore[attr-defined]
    assert linux_driver.WriterThread is LastingWriter  # type: ignore[attr-defined]


@pytest.mark.parametrize(("value", "kept"), [("", False), ("1", True)])
def test_an_empty_no_color_is_no_wish(
    value: str, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", value)

    patch_textual()

    assert ("NO_COLOR" in os.environ) == kept


def test_the_installed_textual_has_what_is_used_of_its_private_api() -> None:
    patch_textual()

    assert "\x1b[A" in ANSI_SEQUENCES_KEYS
    assert linux_driver.XTermParser is KeyParser  # type: ignore[attr-defined]
    assert linux_driver.WriterThread is LastingWriter  # type: ignore[attr-defined]
    assert App[None]()._driver is None
    assert Screen[None]()._select_state is None
    assert Screen[None]()._selecting is False
    assert ClientApp().stylesheet._variables
    assert type(Screen[None]()._compositor) is FrontCompositor
    assert Widget()._component_styles == {}


class CountedScreen(Screen[None]):
    """Counts how often its whole area is drawn."""

    drawn = 0

    def render_lines(self, crop: Region) -> list[Strip]:
        self.drawn += crop.size == self.size
        return super().render_lines(crop)


@pytest.mark.asyncio
async def test_a_window_that_is_soon_as_it_was_is_drawn_again() -> None:
    app = ClientApp()
    async with app.run_test() as pilot:
        screen = CountedScreen()
        await app.push_screen(screen)
        await pilot.pause()
        before, narrow = screen.drawn, Size(40, app.size.height)

        for size in narrow, app.size:  # of which Textual lays out the last one
            app.post_message(events.Resize(size, size))
        await pilot.pause()

        assert screen.drawn > before


@pytest.mark.asyncio
async def test_a_screen_that_was_replaced_does_not_stay_in_memory() -> None:
    app = ClientApp()
    async with app.run_test() as pilot:
        first = Screen[None]()
        await app.push_screen(first)
        with first._context():  # from which messages are
            app.screen_stack[0].post_message(events.Resize(app.size, app.size))
        await pilot.pause()
        gone = weakref.ref(first)
        del first

        await app.switch_screen(Screen[None]())
        await pilot.pause()
        gc.collect()

        assert gone() is None


@pytest.mark.asyncio
async def test_a_screen_may_be_replaced_while_the_app_ends() -> None:
    app = ClientApp()
    async with app.run_test():
        await app.push_screen(Screen())
        screens = [*app.screen_stack]
        app._screen_stack.clear()

        await app._replace_screen(screens[-1])

        app._screen_stack.extend(screens[:-1])


class LeavingApp(ClientApp):
    """Notes when it may write for the last time, and when the terminal shows it no more."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []

    def leave_screen(self) -> None:
        assert self._driver is not None
        self._driver.stop_application_mode = lambda: self.notes.append("gone")  # type: ignore[method-assign]
        self.notes.append("leaves")

    def action_fail(self) -> None:
        raise RuntimeError("a bug")


@pytest.mark.asyncio
async def test_an_app_that_ends_can_write_while_the_terminal_still_shows_it() -> None:
    app = LeavingApp()
    async with app.run_test():
        assert app.notes == []
        app.exit()

    assert app.notes == ["leaves", "gone"]


@pytest.mark.asyncio
async def test_so_can_one_that_fails() -> None:
    app = LeavingApp()
    with pytest.raises(RuntimeError):
        async with app.run_test():
            app.call_later(app.action_fail)

    assert app.notes == ["leaves", "gone"]


@pytest.mark.asyncio
async def test_what_is_written_of_a_bug_has_no_values_of_variables(
    capfd: pytest.CaptureFixture[str],
) -> None:
    app = ClientApp()
    async with app.run_test():
        password = "hsifdrows"[::-1]  # reversed, as the traceback shows this line
        try:
            raise RuntimeError(f"a bug after {len(password)} characters")
        except RuntimeError:
            app._fatal_error()

    written = capfd.readouterr().err
    assert "RuntimeError" in written
    assert "swordfish" not in written
