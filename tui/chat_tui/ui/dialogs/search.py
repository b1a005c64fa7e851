"""Searches messages as the query is typed, in the open room or in all rooms."""

from collections.abc import Mapping
from typing import ClassVar, Final, NamedTuple

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.commands import search_query
from chat_tui.commands.keys import key_shown
from chat_tui.commands.search_query import BadSearch
from chat_tui.model.state import ChatState
from chat_tui.ui.bindings import bindings
from chat_tui.ui.dialogs.dialog import text
from chat_tui.ui.dialogs.hits import HitsDialog
from chat_tui.ui.widgets.field import Field

_PAUSE: Final = 0.3  # seconds without a key until the search starts
_HOW: Final = 'wor*  "two words"  from:NAME  in:ROOM  before:2026-11-01'
# Shown when typing stops in the middle of a word, since only whole words are searched for.
_WHY_NOTHING: Final = (
    'wor* matches words that begin with "wor". New messages may take a moment to be found.'
)


class _Query(NamedTuple):
    line: str
    everywhere: bool


class Search(HitsDialog):
    """Its own key, pressed again, switches between the open room and all rooms."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("search")]

    def __init__(
        self, state: ChatState, room: str, keys: Mapping[str, str], line: str = "", *,
        everywhere: bool = False,
    ) -> None:  # fmt: skip
        """Search in `room`, or `everywhere`; a given `line` is searched for at once."""
        super().__init__(state)
        self._room = room
        self._everywhere = everywhere
        self._key = key_shown("search", keys)
        self._field = Field("", "looked-for", hint=_HOW)
        self._field.value = line
        self._heading = text("", "heading")
        self._pause: Timer | None = None
        self._asked: _Query | None = None  # searched for last
        self._loaded: _Query | None = None  # the one that the hits belong to
        self._only_here = False  # limited to the open room, not by a filter

    @property
    def line(self) -> str:
        return self._field.value

    @property
    def everywhere(self) -> bool:
        return self._everywhere

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide found"):
            yield self._heading
            yield self._field
            yield self._list
            yield self._status

    def on_mount(self) -> None:
        self._field.take_focus()
        self._field.input.action_select_all()
        self._show_scope()
        self._search()

    def action_search(self) -> None:
        self._everywhere = not self._everywhere
        self._show_scope()
        self._search()

    def _show_scope(self) -> None:
        here = clean_line(f"in {self._title_of(self._room)}")
        now, other = ("all rooms", here) if self._everywhere else (here, "all rooms")
        self._heading.update(
            Content.assemble(f"Search {now}", (f"  {self._key}: {other}", "not bold $text-muted"))
        )

    @on(Input.Changed)
    def wait_for_pause(self) -> None:
        self._field.problem = ""
        self._end_pause()
        self._pause = self.set_timer(_PAUSE, self._search)

    def _end_pause(self) -> None:
        if self._pause is not None:
            self._pause.stop()
            self._pause = None

    @on(Input.Submitted)
    def choose_or_search(self) -> None:
        """Go to the highlighted hit, if the hits are those of the query as it is now."""
        if self._loaded == self._query:
            self.choose()
        else:
            self._search()

    @property
    def _query(self) -> _Query:
        return _Query(self.line, self._everywhere)

    def _search(self) -> None:
        """Search for the query, unless that was done last."""
        self._end_pause()
        if self._asked == self._query:
            return
        try:
            meant = search_query.read(self.line, self._room_of)
        except BadSearch as exc:
            self._asked = None
            self._field.problem = str(exc)
            self.say("")
            return
        self._asked = self._query
        self._next_page = None
        if search_query.is_empty(meant):
            self._show_none()
            return
        self.say("Searching…")
        self._only_here = not (meant.room or self._everywhere)
        self.start(self.load(replace(meant, room=self._room) if self._only_here else meant))

    def _show_none(self) -> None:
        self.workers.cancel_group(self, "asking")
        self._hits.show([])
        self.say("")

    def _room_of(self, title: str) -> str:
        room = self._state.find(title)
        return room.name if room is not None else ""

    def loaded(self, count: int) -> None:
        self._loaded = self._asked
        if count:
            more = "+" if self._next_page is not None else ""
            self.say(f"{count:,}{more} found · Enter: go there · Esc: close")
        else:
            elsewhere = f" here. {self._key} searches all rooms" if self._only_here else ""
            self.say(f"Nothing found{elsewhere}. {_WHY_NOTHING}")

    def failed(self, request: m.Search | m.Mentions, error: m.Error) -> None:
        self.say("")
        self._field.problem = error.message
        if not request.before:
            self._asked = None  # Enter tries again
