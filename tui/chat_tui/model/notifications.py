"""Of what somebody is told who is looking elsewhere. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeAlias

from chat_shared import messages as m
from chat_tui.model.room import Room

Level: TypeAlias = Literal["all", "mentions", "off"]


class Notifications:
    """What each room may say, by its name. Rooms that are not named say what is said to us."""

    def __init__(self, levels: Mapping[str, Level], mentions_us: Callable[[str], bool]) -> None:
        self.levels = dict(levels)
        self._mentions_us = mentions_us

    def level(self, room: Room) -> Level:
        return self.levels.get(room.name, "all" if room.peer else "mentions")

    def heard_whole(self) -> set[str]:
        """Return the rooms of which everything is told."""
        return {name for name, level in self.levels.items() if level == "all"}

    def wanted(self, room: Room, line: m.Line) -> bool:
        level = self.level(room)
        return level == "all" or (level == "mentions" and self._mentions_us(line.text))


def sentence(news: Sequence[tuple[Room, m.Line]]) -> str:
    """Return what is told of what came at once: the last message, and how many there were."""
    room, line = news[-1]
    where = "" if room.peer else f" in {room.title}"
    more = f" (and {len(news) - 1} more)" if len(news) > 1 else ""
    return f"{line.author}{where}{more}: {line.text}"
