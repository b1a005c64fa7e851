"""Which messages cause a notification while the terminal has no focus. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeAlias

from chat_shared import messages as m
from chat_tui.markup.files import gist
from chat_tui.model.room import Room

Level: TypeAlias = Literal["all", "mentions", "off"]


class Notifications:
    """The level of each room by name. Default: mentions, and all in direct messages."""

    def __init__(self, levels: Mapping[str, Level], mentions_us: Callable[[m.Line], bool]) -> None:
        self.levels = dict(levels)
        self._mentions_us = mentions_us

    def level(self, room: Room) -> Level:
        return self.levels.get(room.name, "all" if room.peer else "mentions")

    def all_rooms(self) -> set[str]:
        """Return the rooms in which every message notifies."""
        return {name for name, level in self.levels.items() if level == "all"}

    def wanted(self, room: Room, line: m.Line) -> bool:
        level = self.level(room)
        return level == "all" or (level == "mentions" and self._mentions_us(line))


def sentence(messages: Sequence[tuple[Room, m.Line]]) -> str:
    """Return one notification for messages that arrived together: the last, and how many more."""
    room, line = messages[-1]
    where = "" if room.peer else f" in {room.title}"
    more = f" (and {len(messages) - 1} more)" if len(messages) > 1 else ""
    return f"{line.author}{where}{more}: {gist(line.text, line.files)}"
