"""Who is in the room: those who are online first; why the others are not, or since when."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from chat_shared.messages import Member
from chat_shared.names import fold
from chat_shared.text import clean_line
from chat_tui.markup.times import ago, read_time

_SHOWN: Final = 500  # nobody reads a longer column; the rest is a number
_WIDTH: Final = 21  # cells of a row, beside the scrollbar


class MemberList(VerticalScroll, can_focus=False):
    """Shows `members`; `own` is the name to be marked as one's own."""

    members: reactive[tuple[Member, ...]] = reactive(())
    own: reactive[str] = reactive("")
    owner: reactive[str] = reactive("")  # whose room it is

    def __init__(self) -> None:
        super().__init__(id="members")
        self._column = Static(markup=False)

    def compose(self) -> ComposeResult:
        yield self._column

    def renew(self) -> None:
        """Draw it as it is by now: since when somebody is gone changes by itself."""
        self._column.update(Content("\n").join(self._rows()))

    watch_members = watch_own = watch_owner = renew

    def _rows(self) -> Iterable[Content]:
        ordered = sorted(self.members, key=lambda member: (not member.online, fold(member.name)))
        online = sum(member.online for member in ordered)
        yield Content.styled(f"{online:,} of {len(ordered):,} online", "dim")
        for member in ordered[:_SHOWN]:
            yield self._row(member)
        if len(ordered) > _SHOWN:
            yield Content.styled(f"and {len(ordered) - _SHOWN:,} more", "dim")

    def _row(self, member: Member) -> Content:
        you = " (you)" if fold(member.name) == fold(self.own) else ""
        owner = " (owner)" if fold(member.name) == fold(self.owner) else ""
        about = presence(member, datetime.now(UTC))
        return Content.assemble(
            _dot(member),
            (clean_line(member.name), "" if member.online else "dim"),
            (you + owner, "dim"),
            (f" {about}" if about else "", "dim italic"),
        ).truncate(_WIDTH, ellipsis=True)


def _dot(member: Member) -> tuple[str, str]:
    if not member.online:
        return "○ ", "dim"
    return ("◐ ", "$text-warning") if member.away else ("● ", "$text-success")


def presence(member: Member, now: datetime) -> str:
    """Return why somebody is not here, or when they last were; nothing for who is here."""
    if member.away:
        return clean_line(member.away)
    if member.online or not member.seen:
        return ""
    return ago(read_time(member.seen), now)
