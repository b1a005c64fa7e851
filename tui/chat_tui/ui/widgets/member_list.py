"""The members of a room: those online first, with away messages and when others were last seen."""

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.timer import Timer
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chat_shared.messages import Member
from chat_shared.names import fold
from chat_shared.text import clean_line
from chat_tui.commands.guests_text import MARK
from chat_tui.markup.times import ago, read_time
from chat_tui.ui.messages import ComposerWanted, MemberChosen
from chat_tui.ui.widgets.presence_dot import DOTS, Presence as PresenceShown, presence_of

_SHOWN: Final = 500  # nobody reads a longer column; the rest is a number
# Seconds. To draw a long list takes a while, and where many come and go nobody can follow.
DRAWN_EVERY: Final = 0.5
# More for each member, up to a bound: where Textual draws it, each costs a tenth of a millisecond.
_MORE_FOR_EACH: Final = 0.01
_AT_MOST: Final = 2.0
# Times as long where drawing costs others: with each of a class that joins, the lists of all who
# share a processor change.
_FOR_OTHERS: Final = 10
# Seconds after which that begins: until then, the server tells who is in the room and online.
_NEW_FOR: Final = 5.0
_SHARE: Final = 10  # times as long as drawing it took: where that is slow, it waits longer
_WIDTH: Final = 17  # cells of a row, beside the padding and the scrollbar
_NOBODY: Final = ""  # in place of a name


class MemberList(OptionList):
    """Shows `members`, and marks the user's `own` name and the `owner`.

    Posts `MemberChosen` for the one that is selected.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]
    members: reactive[Mapping[str, Member]] = reactive(dict)  # by folded name
    own: reactive[str] = reactive("")
    owner: reactive[str] = reactive("")
    online: reactive[bool] = reactive(True)  # otherwise nobody knows who else is

    def __init__(self, *, costs_others: bool = False) -> None:
        """With `costs_others`, people share the processor on which the list is drawn."""
        super().__init__(id="members", markup=False, compact=True)
        self._patience = _FOR_OTHERS if costs_others else 1
        self._names: list[str] = []  # of the rows, from top to bottom
        self._row = lru_cache(_SHOWN)(_row)  # most rows stay as they are
        self._due = 0.0  # before then it is not drawn again, by the monotonic clock
        self._next_drawing: Timer | None = None
        self._new_until = 0.0
        self._is_missed = False  # by a drawing, while it was hidden

    def on_mount(self) -> None:
        # The list keeps drawn rows, in the colors of the theme before.
        self.app.theme_changed_signal.subscribe(self, lambda _: self._draw_anew())

    def _draw_anew(self) -> None:
        self._row.cache_clear()
        self.renew()

    def renew(self) -> None:
        """Draw the list again: "last seen" grows with time. If it is hidden, once it is shown."""
        if self._next_drawing is not None:
            self._next_drawing.stop()
        self._next_drawing = None
        self._is_missed = not self.display
        if self.display:
            began = time.monotonic()
            self._draw()
            self._due = time.monotonic() + self._pause(time.monotonic() - began)

    def expect_others(self) -> None:
        """Draw at once what comes next: the members of another room, or after a connection."""
        self._due = 0.0
        self._new_until = time.monotonic() + _NEW_FOR

    def on_show(self) -> None:
        if self._is_missed:
            self.renew()

    def _draw(self) -> None:
        at = self._names[self.highlighted] if self.highlighted is not None else _NOBODY
        rows = list(self._rows())
        names = [name for name, _ in rows]
        if names != self._names:
            self._names = names
            self.set_options(Option(row, disabled=name == _NOBODY) for name, row in rows)
            self.highlighted = names.index(at) if at != _NOBODY and at in names else None
        else:
            for index, (_, row) in enumerate(rows):
                self.replace_option_prompt_at_index(index, row)
        if self.has_focus:
            self.on_focus()

    def _pause(self, took: float) -> float:
        """Return the seconds until it may be drawn again, which `took` some."""
        patience = self._patience if time.monotonic() >= self._new_until else 1
        longer = patience * min(_AT_MOST, _MORE_FOR_EACH * len(self.members))
        return max(DRAWN_EVERY, longer, patience * _SHARE * took)

    def _renew_soon(self) -> None:
        """Draw the list now, or in a moment if it has just been drawn."""
        wait = self._due - time.monotonic()
        if wait <= 0:
            self.renew()
        elif self._next_drawing is None:
            self._next_drawing = self.set_timer(wait, self.renew)

    watch_members = watch_own = watch_owner = watch_online = _renew_soon

    def on_focus(self) -> None:
        """Let Enter have an effect, if there is anyone to choose."""
        if self.highlighted is None:
            self.action_first()

    def _rows(self) -> Iterator[tuple[str, Content]]:
        """Yield the rows with the member that each stands for."""
        # Not folded anew: thousands of names are more than `fold` remembers.
        ordered = sorted((not member.online, key) for key, member in self.members.items())
        yield _NOBODY, Content("Members")
        for _, key in ordered[:_SHOWN]:
            member = self.members[key]
            you, owner = (key == fold(name) for name in (self.own, self.owner))
            about = presence(member, datetime.now(UTC))
            dot = presence_of(member if self.online else None)
            about_all = (member.online, you, owner, member.guest, about)
            yield member.name, self._row(member.name, dot, *about_all)
        if len(ordered) > _SHOWN:
            yield _NOBODY, Content.styled(f"and {len(ordered) - _SHOWN:,} more", "dim")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(MemberChosen(self._names[event.option_index]))

    def action_leave(self) -> None:
        self.post_message(ComposerWanted())


def _row(
    name: str,
    dot: PresenceShown,
    is_online: bool,
    is_you: bool,
    is_owner: bool,
    is_guest: bool,
    about: str,
) -> Content:
    shown = Content.assemble(DOTS[dot], (clean_line(name), "" if is_online else "dim"))
    marks = (
        Content.styled(" (you)" if is_you else "", "dim"),
        Content.styled(" (owner)" if is_owner else "", "dim"),
        Content.styled(MARK if is_guest else "", "dim"),
    )
    words = Content.styled(f" {about}", "dim italic") if about else Content()
    return _beside_or_below(shown.truncate(_WIDTH, ellipsis=True), *marks, words)


def _beside_or_below(*parts: Content) -> Content:
    """Join `parts`; one that does not fit beside those before it begins a row of its own."""
    rows = [parts[0]]
    for part in parts[1:]:
        if rows[-1].cell_length + part.cell_length <= _WIDTH:
            rows[-1] += part
        else:
            rows.append(Content(" ") + part.truncate(_WIDTH - 1, ellipsis=True))
    return Content("\n").join(rows)


def presence(member: Member, now: datetime) -> str:
    """Return the away message of `member`, or when they were last seen; "" while online."""
    if member.away:
        return clean_line(member.away)
    if member.online or not member.seen:
        return ""
    return ago(read_time(member.seen), now)
