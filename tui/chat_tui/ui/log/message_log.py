"""The scrolling log of one room: one widget for all rooms and any number of messages.

`LogView` draws it and keeps the reader's place. Here is what passes between the reader,
the screen and the log: requests to the screen, the selection, and actions on a message.
Does not know where messages come from.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from typing import Final, Literal, TypeAlias, cast

from textual import events
from textual.message import Message
from textual.selection import Selection

from chat_shared.messages import File
from chat_tui.commands.keys import KEYS, keys_of
from chat_tui.ui.log.cursor import CursorView
from chat_tui.ui.log.log_model import LogModel, Splice
from chat_tui.ui.log.lone_letters import LoneLetters
from chat_tui.ui.log.message import undrawn_pictures
from chat_tui.ui.log.rows import GapRow, MessageRow, RowKey
from chat_tui.ui.log.selection import SelectedRows, selected_text, whole_row
from chat_tui.ui.log.view import ALIGNED_FROM

Wish: TypeAlias = Literal[
    "copy",
    "open",
    "save",
    "picture",
    "reply",
    "edit",
    "delete",
    "react",
    "unread",
    "original",
    "leave",
]

_MOVES: Final = ("previous", "next", "first", "last")
_LEFT: Final = 1  # button of the mouse
_WIDEST_PICTURE: Final = 40  # columns


class MessageLog(CursorView, can_focus=False):
    """The log of the open room."""

    @dataclass
    class Wanted(Message):
        """The user asks for an action on a message; whether it is allowed is not checked."""

        wish: Wish
        row: MessageRow

    @dataclass
    class LinkClicked(Message):
        """The user clicked a link."""

        url: str

    @dataclass
    class ReactionClicked(Message):
        """The user clicked a reaction, to add or remove their own."""

        row: MessageRow
        emoji: str

    @dataclass
    class OlderWanted(Message):
        """The reader is within a page of the oldest row and there are older ones.

        Posted once, until `LogModel.prepend` is called, also where the request failed.
        """

        model: LogModel

    @dataclass
    class NewerWanted(Message):
        """The reader is within a page of the newest loaded row and there are newer ones.

        Posted once, until `LogModel.extend` is called.
        """

        model: LogModel

    @dataclass
    class GapSeen(Message):
        """A gap came into view, and its messages are not being loaded."""

        model: LogModel
        key: RowKey

    class PicturesSeen(Message):
        """Other messages with pictures to be drawn (`undrawn`) came into view."""

    @dataclass
    class FollowChanged(Message):
        """The log started or stopped following its end, or messages arrived below the view."""

        following: bool
        new_below: int

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, MessageLog.FollowChanged)

    _posted_follow: tuple[bool, int] = (True, 0)
    _gaps_in_view: frozenset[RowKey] = frozenset()
    _undrawn: frozenset[int] = frozenset()
    _selected: SelectedRows | None = None

    def __init__(
        self,
        model: LogModel | None = None,
        *,
        keys: Mapping[str, str] | None = None,
        aligned_from: int = ALIGNED_FROM,
        zone: tzinfo | None = None,
        id: str | None = None,
    ) -> None:
        """As `LogView`; `keys` are the user's own."""
        super().__init__(model, aligned_from=aligned_from, zone=zone, id=id)
        self._letters = LoneLetters(self.set_timer)
        self._actions = {
            name.strip(): key.action
            for key in KEYS
            if key.on_selection
            for name in keys_of(key.id, keys or {})
        }

    def show(self, model: LogModel) -> None:
        if model is self.model:
            return
        if self._selected is not None:
            self.screen.clear_selection()
        self._gaps_in_view = frozenset()
        self._undrawn = frozenset()
        super().show(model)

    def view_changed(self) -> None:
        """Post what follows from the position of the view."""
        if not self.size.height:
            return
        follow = (self.model.follow, self.model.new_below)
        if follow != self._posted_follow:
            self._posted_follow = follow
            self.post_message(self.FollowChanged(*follow))
        self._ask_for_more()
        self._post_gaps()
        undrawn = frozenset(file.file for _, file in self.undrawn())
        if undrawn - self._undrawn:
            self.post_message(self.PicturesSeen())
        self._undrawn = undrawn

    def undrawn(self) -> Iterator[tuple[int, File]]:
        """Yield the pictures in view to be drawn, each with the number of its message."""
        for row in map(self.model.__getitem__, self._rows_in_view):
            if not isinstance(row, MessageRow) or row.deleted or row.key[0] != "seq":
                continue
            for file in undrawn_pictures(row, self.picture_width):
                yield int(str(row.key[1])), file

    def drawn(self) -> set[int]:
        """Return the pictures in view that are drawn, by the numbers of their files."""
        rows = [self.model[index] for index in self._rows_in_view]
        return {file for row in rows if isinstance(row, MessageRow) for file in row.drawings}

    @property
    def picture_width(self) -> int:
        """The columns that a picture may have."""
        return min(self._lines.columns.text_width, _WIDEST_PICTURE)

    @property
    def allow_select(self) -> bool:
        return True

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        return selected_text(selection, self.model), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self._selected = None
        if selection is not None and len(self.model):
            self._selected = SelectedRows(selection, self.model)
        self.refresh()

    # --- the selected message and the mouse

    async def _on_key(self, event: events.Key) -> None:
        """Act on the selected message; other keys are for the composer."""
        action = self._actions.get(event.key)
        row = self.picked
        if action is not None and row is not None and self._takes(event, action, row):
            event.prevent_default().stop()

    def _takes(self, event: events.Key, action: str, row: MessageRow) -> bool:
        """Act, or do it soon if a letter stays alone; return False for one within a word."""
        act = partial(self._act, action, row)
        if not event.is_printable or event.character is None:
            self._letters.release()
            act()
            return True
        take = self._letters.move if action in _MOVES else self._letters.hold
        return take(event.character, act)

    def release_letters(self) -> bool:
        """Let the letter typed last act now; return whether there was one that waited."""
        return self._letters.release()

    def take_letters(self) -> str:
        """Return the letters of the word that was begun here, which act no more."""
        return self._letters.take()

    def let_go(self) -> None:
        self._letters.take()
        super().let_go()

    def _act(self, action: str, row: MessageRow) -> None:
        match action:
            case "previous":
                self.previous_message()
            case "next":
                self.next_message()
            case "first":
                self.to_start()
            case "last":
                self.to_end()
            case _:
                self.post_message(self.Wanted(cast("Wish", action), row))

    def on_click(self, event: events.Click) -> None:
        """Open a link, unfold, go to the original, or select; a double click marks the text."""
        # Textual would mark the text of the whole room.
        event.prevent_default()
        if event.button != _LEFT:
            return  # the terminal's own: its menu, or its paste
        line = self._line_at(event.y)
        if not 0 <= line < self._lines.total:
            return
        index, number = self._lines.find(line)
        if event.chain == 2:
            self.screen.selections = {self: whole_row(self.model, index)}
        elif not self._selects_something():
            self._clicked(index, number, event)

    def _clicked(self, index: int, number: int, event: events.Click) -> None:
        block, row = self._lines.block(index), self.model[index]
        emoji = block.reaction_at(number, event.x)
        if event.style.link:
            self.post_message(self.LinkClicked(event.style.link))
        elif emoji and isinstance(row, MessageRow):
            self.post_message(self.ReactionClicked(row, emoji))
        elif block.is_fold(number):
            self.model.unfold(row.key)
        elif block.is_quote(number) and isinstance(row, MessageRow):
            self.post_message(self.Wanted("original", row))
        else:
            self.pick(row.key)

    def _selects_something(self) -> bool:
        """Say whether the click ended a drag over text."""
        selection = self.text_selection
        return selection is not None and selection.start != selection.end

    def _ask_for_more(self) -> None:
        model, page = self.model, self.size.height
        if model.more_above and not model.asked_above and self.scroll_offset.y <= page:
            model.asked_above = True
            self.post_message(self.OlderWanted(model))
        below = self.max_scroll_y - self.scroll_offset.y
        if model.more_below and not model.asked_below and below <= page:
            model.asked_below = True
            self.post_message(self.NewerWanted(model))

    def _post_gaps(self) -> None:
        gaps = frozenset(self._gaps())
        for key in gaps - self._gaps_in_view:
            self.post_message(self.GapSeen(self.model, key))
        self._gaps_in_view = gaps

    def _gaps(self) -> Iterator[RowKey]:
        for index in self._rows_in_view:
            row = self.model[index]
            if isinstance(row, GapRow) and not row.loading:
                yield row.key

    def _model_changed(self, change: Splice) -> None:
        super()._model_changed(change)
        self._keep_selection()

    def _keep_selection(self) -> None:
        """Keep the selection on its rows, whose ordinals may have changed."""
        if self._selected is None:
            return
        moved = self._selected.moved()
        if moved is None:
            self.screen.clear_selection()
        elif moved != self.text_selection:
            self.screen.selections = {**self.screen.selections, self: moved}
