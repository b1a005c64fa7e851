"""Everything that the client uses of Textual's private API, with the other modules
that say so.

Textual has no public way to correct its table of keys, to read a paste differently, or to
write to the terminal besides drawing the screen. Check these after an update of Textual.
"""

import os
import sys
from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from enum import StrEnum
from functools import partial
from typing import Any, Final

from rich.console import RenderableType
from textual import screen as textual_screen
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.drivers import linux_driver
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from chat_tui.terminal.compositor import FrontCompositor
from chat_tui.terminal.key_parser import KeyParser
from chat_tui.terminal.overlay import OverlayPainter
from chat_tui.terminal.strips import make_caches_late
from chat_tui.terminal.stylesheet import SharedStylesheet
from chat_tui.terminal.writer import LastingWriter

# Seconds without an update after which an overlay is drawn.
_QUIET: Final = 0.05


def patch_textual() -> None:
    """Correct Textual's keys, pastes, decoding and writing. May be called again."""
    if not os.environ.get("NO_COLOR"):
        os.environ.pop("NO_COLOR", None)  # empty means no wish, but Textual takes it for one
    _patch_keys()
    linux_driver.getincrementaldecoder = _lenient_decoder  # type: ignore[assignment, attr-defined]
    linux_driver.XTermParser = KeyParser  # type: ignore[attr-defined]
    linux_driver.WriterThread = LastingWriter  # type: ignore[attr-defined]
    textual_screen.Compositor = FrontCompositor  # type: ignore[attr-defined]
    make_caches_late()


def _lenient_decoder(encoding: str) -> Callable[[], IncrementalDecoder]:
    """Return a decoder that shows bytes it cannot decode, where Textual's ends the client.

    Terminals with another encoding send such bytes, and old ones that report the mouse.
    """
    return partial(getincrementaldecoder(encoding), errors="replace")


def draw_in_turn() -> None:
    """Let each app of this process draw its screens when it is its turn (`drawing_turn`)."""
    draw = Screen._on_timer_update

    async def draw_in_turn(screen: Screen[object]) -> None:
        assert isinstance(screen.app, ClientApp)
        async with screen.app.drawing_turn():
            draw(screen)

    Screen._on_timer_update = draw_in_turn  # type: ignore[method-assign, assignment]


class _AltEnter(StrEnum):
    ALT_ENTER = "alt+enter"


def _patch_keys() -> None:
    """Read Alt keys as terminals without the Kitty protocol send them.

    Textual takes ESC 1 for the character that Option+1 types on a Mac, and ESC CR for
    Enter. Here the first is Alt+1, which types nothing, and the second Alt+Enter, which
    starts a new line instead of sending half a message.
    """
    table: dict[str, object] = ANSI_SEQUENCES_KEYS  # type: ignore[assignment]
    for digit in "0123456789":
        table.pop(f"\x1b{digit}", None)
    table["\x1b\r"] = (_AltEnter.ALT_ENTER,)


def write_to_terminal(app: App[Any], sequence: str) -> None:
    """Write `sequence` to the terminal of `app`, if it has one, besides drawing the screen."""
    if sequence and app._driver is not None:
        app._driver.write(sequence)


def is_selecting_from(screen: Screen[None], widget: Widget) -> bool:
    """Return whether the mouse drags over text, beginning in `widget`."""
    state = screen._select_state
    return bool(screen._selecting and state and state.start.content_widget is widget)


class ClientApp(App[None]):
    """An app that starts fast, and whose terminal's own cursor is always where one types.

    Textual moves it when a field gets the focus or is typed in, and leaves it behind when the
    field itself moves. Input methods, screen readers and magnifiers follow it.
    """

    drawing_turn: Callable[[], AbstractAsyncContextManager[None]] = nullcontext
    """Entered to draw the screen, after `draw_in_turn`."""
    failed: Callable[[Exception], None] | None = None
    """Called with what the app fails with, which is not written to stderr then."""

    def __init__(self) -> None:
        super().__init__()
        self.overlays = OverlayPainter()
        """Draws over a widget, after each update of the screen that draws that widget."""
        self._drawing_overlay: Timer | None = None
        self.stylesheet = SharedStylesheet(variables=self.get_css_variables())

    def update_drawn(self) -> None:
        """Take note of each update of the screen."""

    def leave_screen(self) -> None:
        """Write what must be written while the terminal still shows this app: it ends."""

    async def _process_messages_loop(self) -> None:
        try:
            await super()._process_messages_loop()
        finally:
            self.leave_screen()

    def on_resize(self) -> None:
        """Draw all of the screen, also if the size is soon what it was.

        The terminal was another size in between, and has lost what was outside. Textual looks
        at the last size only, and draws what differs.
        """
        if self.screen_stack:
            self.screen.refresh()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        offset = getattr(self.focused, "cursor_screen_offset", None)
        if offset is not None:
            self.cursor_position = offset
        if isinstance(renderable, CompositorUpdate):
            if self.overlays.is_due(renderable, screen):
                self._draw_overlay_soon()
            renderable = self.overlays.cleared(renderable)
        super()._display(screen, renderable)
        self.update_drawn()

    def _draw_overlay_soon(self) -> None:
        """Draw it once for several updates: it is large."""
        if self._drawing_overlay is not None:
            self._drawing_overlay.stop()
        self._drawing_overlay = self.set_timer(_QUIET, self._draw_overlay)

    def _draw_overlay(self) -> None:
        super()._display(self.screen, self.overlays.drawn(self.screen))  # type: ignore[arg-type]

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        """The screens that are seen below the current one. Textual draws one that is not."""
        return [] if self.screen.styles.background.a == 1 else super()._background_screens

    async def _replace_screen(self, screen: Screen[object]) -> Screen[object]:
        """Let go of the screen that is replaced.

        The one below all others, which is never seen, would keep it in memory by the last event
        that it sent there.
        """
        replaced = await super()._replace_screen(screen)
        for lowest in self.screen_stack[:1]:  # none, if the app has ended meanwhile
            lowest.call_later(_do_nothing)
        return replaced

    def _fatal_error(self) -> None:
        """Tell what failed, and where, without the values of variables, which Textual adds.

        Passwords and messages are among them.
        """
        if self.failed is not None and self._exception is not None:
            self.failed(self._exception)
            self._close_messages_no_wait()
            return
        from rich.traceback import Traceback  # late: it is slow to import, and seldom needed

        self.bell()
        self.panic(Traceback(width=None))


def _do_nothing() -> None:
    """Be called, as an event that refers to nothing."""


@contextmanager
def terminal_variables(variables: Mapping[str, str]) -> Iterator[None]:
    """Let an app made within the `with` believe in a terminal of these environment variables.

    Textual reads them from the process, which may have clients for other terminals as well.
    """
    before = dict(os.environ)
    for name in ("TERM", "COLORTERM", "NO_COLOR"):
        os.environ.pop(name, None)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def share_standard_streams(app: App[None]) -> None:
    """Let `app` leave standard output and error alone, which Textual captures while it runs.

    Each of several apps would restore what another one has captured.
    """
    app._capture_stdout = sys.stdout  # type: ignore[assignment]
    app._capture_stderr = sys.stderr  # type: ignore[assignment]
