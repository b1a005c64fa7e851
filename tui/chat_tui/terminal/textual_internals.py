"""Everything that the client uses of Textual's private API, with `key_parser`.

Textual has no public way to correct its table of keys, to read a paste differently, or to
write to the terminal besides drawing the screen. Check these after an update of Textual.
"""

import os
import sys
from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from enum import StrEnum
from functools import partial
from itertools import pairwise
from typing import Final, TypeAlias, cast

from rich.console import RenderableType
from textual import screen as textual_screen
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._compositor import ChopsUpdate, Compositor
from textual.app import App
from textual.cache import LRUCache
from textual.css.model import RuleSet
from textual.css.styles import RenderStyles
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation
from textual.dom import DOMNode
from textual.drivers import linux_driver
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from chat_tui.terminal.key_parser import KeyParser

# Style sheets, each as parsed for one theme: those of all widgets and screens, for some themes.
MAX_PARSED: Final = 1_000


def patch_textual() -> None:
    """Correct Textual's keys, pastes and decoding. May be called again."""
    if not os.environ.get("NO_COLOR"):
        os.environ.pop("NO_COLOR", None)  # empty means no wish, but Textual takes it for one
    _patch_keys()
    linux_driver.getincrementaldecoder = _lenient_decoder  # type: ignore[assignment, attr-defined]
    linux_driver.XTermParser = KeyParser  # type: ignore[attr-defined]
    textual_screen.Compositor = FrontCompositor  # type: ignore[attr-defined]


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


def write_to_terminal(app: App[object], sequence: str) -> None:
    """Write `sequence` to the terminal of `app`, if it has one, besides drawing the screen."""
    if app._driver is not None:
        app._driver.write(sequence)


def is_selecting_from(screen: Screen[None], widget: Widget) -> bool:
    """Return whether the mouse drags over text, beginning in `widget`."""
    state = screen._select_state
    return bool(screen._selecting and state and state.start.content_widget is widget)


_Span: TypeAlias = tuple[int, int, int]
"""A line of the screen, and the first column and the one behind the last."""


class FrontCompositor(Compositor):
    """A compositor that renders only what is seen of what changed.

    Textual renders each widget within a rectangle around all changes, containers as well that
    are hidden behind what they contain.
    """

    def render_partial_update(self) -> ChopsUpdate | None:
        screen = self.size.region
        spans = [*self._regions_to_spans(map(screen.intersection, self._dirty_regions))]
        self._dirty_regions.clear()
        if not spans:
            return None
        return ChopsUpdate(self._front(spans), spans, [cuts[1:] for cuts in self.cuts])

    def _render_chops(
        self, crop: Region, is_rendered_line: Callable[[int], bool]
    ) -> Sequence[Mapping[int, Strip]]:
        spans = [(y, *crop.column_span) for y in crop.line_range if is_rendered_line(y)]
        return self._front(spans)

    def _front(self, spans: Iterable[_Span]) -> Sequence[Mapping[int, Strip]]:
        """Return what is seen in `spans`, for each line by the columns at which widgets begin."""
        cuts = self.cuts
        chops: list[dict[int, Strip | None]] = [dict.fromkeys(line[:-1]) for line in cuts]
        unseen = self._columns_in(spans)
        for widget, (region, clip) in self.visible_widgets.items():  # from front to back
            shown = region.intersection(clip)
            first, last = shown.column_span
            lines = [y for y in shown.line_range if any(first <= x < last for x in unseen[y])]
            if not lines:
                continue
            strips = widget.render_lines(shown.translate(-region.offset))
            for y in lines:
                columns = [x for x in cuts[y] if first <= x <= last]
                pieces = strips[y - shown.y].divide([x - first for x in columns[1:]])
                for x, piece in zip(columns, pieces, strict=False):
                    if x in unseen[y]:
                        unseen[y].remove(x)
                        chops[y][x] = piece
        return cast("Sequence[Mapping[int, Strip]]", chops)

    def _columns_in(self, spans: Iterable[_Span]) -> list[set[int]]:
        """Return for each line where the pieces of widgets begin that `spans` touch."""
        columns: list[set[int]] = [set() for _ in self.cuts]
        for y, first, last in spans:
            touched = (x for x, end in pairwise(self.cuts[y]) if x < last and first < end)
            columns[y].update(touched)
        return columns


class _ComponentStyles(dict[str, RenderStyles]):
    """The styles of the parts of a widget, each found out when it is first needed."""

    def __init__(self, names: frozenset[str], style: Callable[[str], RenderStyles]) -> None:
        super().__init__()
        self._names = names
        self._style = style

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __missing__(self, name: str) -> RenderStyles:
        styles = self[name] = self._style(name)
        return styles


class SharedStylesheet(Stylesheet):
    """A stylesheet whose rules are parsed once in a process, however many apps it runs.

    Parsing takes a third of the time until the first screen. Textual keeps the rules of one app
    only; it does not change them once they are parsed.
    """

    _parsed: Final[LRUCache[object, list[RuleSet]]] = LRUCache(MAX_PARSED)

    def _parse_rules(
        self,
        css: str,
        read_from: CSSLocation,
        is_default_rules: bool = False,
        tie_breaker: int = 0,
        scope: str = "",
    ) -> list[RuleSet]:
        source = (css, read_from, is_default_rules, tie_breaker, scope)
        key = (*source, frozenset(self._variables.items()))
        if (rules := self._parsed.get(key)) is None:
            rules = self._parsed[key] = super()._parse_rules(*source)
        return rules

    def _process_component_classes(self, node: DOMNode) -> None:
        """Let the parts of `node` be styled anew, and draw it again if that makes a difference.

        Textual makes a node for each part, of which the log has dozens, and most are never drawn.
        """
        names = node._get_component_classes()
        if not names:
            return
        before = node._component_styles
        now = _ComponentStyles(frozenset(names), partial(self._style_of_part, node))
        node._component_styles = now
        if not before or any(styles != now[name] for name, styles in before.items()):
            node.refresh()

    def _style_of_part(self, node: DOMNode, name: str) -> RenderStyles:
        part = DOMNode(classes=name)
        part._attach(node)
        self.apply(part, animate=False)
        return part.styles

    def reparse(self) -> None:
        """Parse with new variables. Textual does so in a new stylesheet, which shares nothing."""
        self.parse()


class ClientApp(App[None]):
    """An app that starts fast, and whose terminal's own cursor is always where one types.

    Textual moves it when a field gets the focus or is typed in, and leaves it behind when the
    field itself moves. Input methods, screen readers and magnifiers follow it.
    """

    drawing_turn: Callable[[], AbstractAsyncContextManager[None]] = nullcontext
    """Entered to draw the screen, after `draw_in_turn`."""

    def __init__(self) -> None:
        super().__init__()
        self.stylesheet = SharedStylesheet(variables=self.get_css_variables())

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        offset = getattr(self.focused, "cursor_screen_offset", None)
        if offset is not None:
            self.cursor_position = offset
        super()._display(screen, renderable)

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

        Passwords and messages are among them, and over ssh all this is in the server's log.
        """
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
