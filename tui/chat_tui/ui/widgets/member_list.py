"""The members of a room: those online first, with away messages and when others were last seen."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.timer import Timer
from textual.widgets import Static

from chat_shared.messages import Member
from chat_shared.names import fold
from chat_shared.text import clean_line
from chat_tui.markup.times import ago, read_time
from chat_tui.ui.widgets.presence_dot import DOTS, presence_of

_SHOWN: Final = 500  # nobody reads a longer column; the rest is a number
# Seconds. To draw a long list takes a while, and where many come and go nobody can follow.
DRAWN_EVERY: Final = 0.5
_WIDTH: Final = 17  # cells of a row, beside the padding and the scrollbar


class MemberList(VerticalScroll, can_focus=False):
    """Shows `members`, and marks the user's `own` name and the `owner`."""

    members: reactive[tuple[Member, ...]] = reactive(())
    own: reactive[str] = reactive("")
    owner: reactive[str] = reactive("")

    def __init__(self) -> None:
        super().__init__(id="members")
        self._column = Static(markup=False)
        self._drawn = -DRAWN_EVERY  # when, by the monotonic clock
        self._next_drawing: Timer | None = None

    def compose(self) -> ComposeResult:
        yield self._column

    def renew(self) -> None:
        """Draw the list again: "last seen" grows with time."""
        if self._next_drawing is not None:
            self._next_drawing.stop()
        self._next_drawing, self._drawn = None, time.monotonic()
        self._column.update(Content("\n").join(self._rows()))

    def _renew_soon(self) -> None:
        """Draw the list now, or in a moment if it has just been drawn."""
        wait = self._drawn + DRAWN_EVERY - time.monotonic()
        if wait <= 0:
            self.renew()
        elif self._next_drawing is None:
            self._next_drawing = self.set_timer(wait, self.renew)

    watch_members = watch_own = watch_owner = _renew_soon

    def _rows(self) -> Iterable[Content]:
        ordered = sorted(self.members, key=lambda member: (not member.online, fold(member.name)))
        yield Content.styled("Members", "bold $text-muted")
        for member in ordered[:_SHOWN]:
            yield self._row(member)
        if len(ordered) > _SHOWN:
            yield Content.styled(f"and {len(ordered) - _SHOWN:,} more", "dim")

    def _row(self, member: Member) -> Content:
        you = " (you)" if fold(member.name) == fold(self.own) else ""
        owner = " (owner)" if fold(member.name) == fold(self.owner) else ""
        about = presence(member, datetime.now(UTC))
        name = Content.assemble(
            DOTS[presence_of(member)], (clean_line(member.name), "" if member.online else "dim")
        )
        marks = (Content.styled(you, "dim"), Content.styled(owner, "dim"))
        words = Content.styled(f" {about}", "dim italic") if about else Content()
        return _beside_or_below(name.truncate(_WIDTH, ellipsis=True), *marks, words)


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
