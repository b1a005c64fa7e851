"""The line above the log: the room, its topic, and how many members are online."""

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from chat_shared.messages import Member
from chat_shared.text import clean_line


class RoomTitle(Widget, can_focus=False):
    """One line, drawn from its attributes and cut to the width."""

    room: reactive[str] = reactive("")
    topic: reactive[str] = reactive("")
    direct: reactive[bool] = reactive(False)  # a direct message, named after the other participant
    members: reactive[tuple[Member, ...]] = reactive(())
    online: reactive[bool] = reactive(True)  # otherwise nobody knows who else is
    about: reactive[str] = reactive(
        ""
    )  # shown instead of the count: who types, the participant's presence
    elsewhere: reactive[str] = reactive(
        ""
    )  # unread in other rooms, while the list of rooms is hidden

    def __init__(self) -> None:
        super().__init__(id="title")

    def render(self) -> Content:
        right = Content.assemble(
            (self.elsewhere, "bold $text-accent"),
            "  " if self.elsewhere else "",
            (clean_line(self.about) or self._count(), "dim"),
        ).truncate(max(0, self.size.width - 4), ellipsis=True)
        left = Content.assemble(
            ("@ " if self.direct else "# ", "$text-accent"),
            (clean_line(self.room), "bold"),
            (self._topic(), "dim"),
        )
        room = max(0, self.size.width - right.cell_length - 1)
        left = left.truncate(room, ellipsis=True, pad=True)
        return Content.assemble(left, " ", right)

    def _count(self) -> str:
        if not self.members:  # not known yet
            return ""
        if len(self.members) == 1:
            return "only you"
        if not self.online:
            return f"{len(self.members):,} members"
        online = sum(member.online for member in self.members)
        return f"{online:,} of {len(self.members):,} online"

    def _topic(self) -> str:
        return f"  {clean_line(self.topic)}" if self.topic else ""
