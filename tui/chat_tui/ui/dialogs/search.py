"""Looks for messages while somebody types what for: in the open room, or everywhere."""

from collections.abc import Mapping
from typing import ClassVar, Final

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Label

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.commands import search_query
from chat_tui.commands.keys import keys_of, shown
from chat_tui.commands.search_query import BadSearch
from chat_tui.model.state import ChatState
from chat_tui.ui.bindings import bindings
from chat_tui.ui.dialogs.hits import HitsDialog
from chat_tui.ui.widgets.field import Field

_PAUSE: Final = 0.3  # seconds without a key, after which what was typed is looked for
_HOW: Final = 'wor*  "two words"  from:NAME  in:ROOM  before:2026-11-01'
# Whole words are looked for, while a word is typed: who stops in the middle is to know why.
_WHY_NOTHING: Final = "wor* finds what begins so. What was just said may take a moment."


class Search(HitsDialog):
    """Its own key, pressed again, looks everywhere, or in the open room again."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("search")]

    def __init__(
        self, state: ChatState, room: str, keys: Mapping[str, str], line: str = "", *,
        everywhere: bool = False,
    ) -> None:  # fmt: skip
        """Look in `room` first, or `everywhere`; `line` is looked for at once."""
        super().__init__(state)
        self._room = room
        self._everywhere = everywhere
        self._key = shown(keys_of("search", keys)[0])
        self._field = Field("", "looked-for", hint=_HOW)
        self._field.value = line
        self._heading = Label(Content(), classes="heading", markup=False)
        self._pause: Timer | None = None
        self._only_here = False  # because nobody has said where to look
        self._sought: tuple[str, bool] | None = None  # the line that was looked for last, and how
        self._found: tuple[str, bool] | None = None  # the one that the hits are those of

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
            yield self._words

    def on_mount(self) -> None:
        self._field.take_focus()
        self._field.input.action_select_all()
        self._say_where()
        self._seek()

    def action_search(self) -> None:
        self._everywhere = not self._everywhere
        self._say_where()
        self._seek()

    def _say_where(self) -> None:
        here = clean_line(f"in {self._title_of(self._room)}")
        now, other = ("everywhere", here) if self._everywhere else (here, "everywhere")
        self._heading.update(
            Content.assemble(f"Search {now}", (f"  {self._key}: {other}", "not bold $text-muted"))
        )

    @on(Input.Changed)
    def wait_for_pause(self) -> None:
        self._field.problem = ""
        self._end_pause()
        self._pause = self.set_timer(_PAUSE, self._seek)

    def _end_pause(self) -> None:
        if self._pause is not None:
            self._pause.stop()
            self._pause = None

    @on(Input.Submitted)
    def go_or_seek(self) -> None:
        """Go to the hit that is marked, once the hits are those of what is typed."""
        if self._found == (self.line, self._everywhere):
            self.choose()
        else:
            self._seek()

    def _seek(self) -> None:
        """Look for what is typed, unless that is what was looked for last."""
        self._end_pause()
        if self._sought == (self.line, self._everywhere):
            return
        try:
            meant = search_query.read(self.line, self._room_of)
        except BadSearch as exc:
            self._sought = None
            self._field.problem = str(exc)
            self.say("")
            return
        self._sought = self.line, self._everywhere
        self._more = None
        if search_query.is_empty(meant):
            self._asked = None
            self._list.show([])
            self.say("")
            return
        self.say("Looking…")
        self._only_here = not (meant.room or self._everywhere)
        self.ask(replace(meant, room=self._room) if self._only_here else meant)

    def _room_of(self, name: str) -> str:
        room = self._state.find(name)
        return room.name if room is not None else ""

    def found(self, count: int) -> None:
        self._found = self._sought
        if count:
            more = "+" if self._more is not None else ""
            self.say(f"{count:,}{more} found · Enter: go there · Escape: close")
        else:
            elsewhere = f" here; {self._key} looks everywhere" if self._only_here else ""
            self.say(f"Nothing was found{elsewhere}. {_WHY_NOTHING}")

    def refused(self, sentence: str, code: str) -> None:
        super().refused(sentence, code)
        self.say("")
        self._field.problem = sentence
        if isinstance(self._asked, m.Search) and not self._asked.before:
            self._sought = None  # Enter tries again
