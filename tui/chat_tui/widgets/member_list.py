"""Who is in the room: those who are online first."""

from collections.abc import Iterable
from typing import Final

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from chat_shared.messages import Member
from chat_shared.names import fold
from chat_shared.text import clean_line

_SHOWN: Final = 500  # nobody reads a longer column; the rest is a number


class MemberList(VerticalScroll, can_focus=False):
    """Shows `members`; `own` is the name to be marked as one's own."""

    members: reactive[tuple[Member, ...]] = reactive(())
    own: reactive[str] = reactive("")

    def __init__(self) -> None:
        super().__init__(id="members")
        self._column = Static(markup=False)

    def compose(self) -> ComposeResult:
        yield self._column

    def watch_members(self) -> None:
        self._column.update(Content("\n").join(self._rows()))

    def watch_own(self) -> None:
        self.watch_members()

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
        return Content.assemble(
            ("● ", "$text-success") if member.online else ("○ ", "dim"),
            (clean_line(member.name), "" if member.online else "dim"),
            (you, "dim"),
        )
