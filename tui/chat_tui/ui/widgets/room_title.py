"""The line above the log: which room this is."""

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from chat_shared.messages import Member
from chat_shared.text import clean_line


class RoomTitle(Widget, can_focus=False):
    """One line, drawn from its attributes; cut where the screen ends."""

    room: reactive[str] = reactive("")
    topic: reactive[str] = reactive("")
    direct: reactive[bool] = reactive(False)  # a room of two, called by the other one's name
    members: reactive[tuple[Member, ...]] = reactive(())
    about: reactive[str] = reactive("")  # said in place of their number: who types, who is here
    elsewhere: reactive[str] = reactive("")  # unread in other rooms, where no list shows it

    def __init__(self) -> None:
        super().__init__(id="title")

    def render(self) -> Content:
        right = Content.assemble(
            (self.elsewhere, "bold $text-accent"),
            "  " if self.elsewhere else "",
            (clean_line(self.about) or self._count(), "dim"),
        ).truncate(max(0, self.size.width - 4), ellipsis=True)
        left = Content.assemble(
            ("@ " if self.direct else "# ", "$accent"),
            (clean_line(self.room), "bold"),
            (self._topic(), "dim"),
        )
        room = max(0, self.size.width - right.cell_length - 1)
        left = left.truncate(room, ellipsis=True, pad=True)
        return Content.assemble(left, " ", right)

    def _count(self) -> str:
        if not self.members:  # nobody has said yet who they are
            return ""
        if len(self.members) == 1:
            return "only you here"
        online = sum(member.online for member in self.members)
        return f"{online:,} of {len(self.members):,} online"

    def _topic(self) -> str:
        return f"  {clean_line(self.topic)}" if self.topic else ""
