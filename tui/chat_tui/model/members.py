"""Who is in a room, and whether they are here, as events and pages tell. Pure."""

from collections.abc import Iterable

from chat_shared import messages as m
from chat_shared.names import fold
from chat_tui.model.room import Room


def came(room: Room, name: str) -> bool:
    """Note a new member, and say whether it is one."""
    if fold(name) in room.members:
        return False
    room.members[fold(name)] = m.Member(name, True)
    return True


def went(room: Room, name: str) -> None:
    room.members.pop(fold(name), None)


def listed(room: Room, members: Iterable[m.Member], *, goes_on: bool = False) -> None:
    """Take in a page of members; the first replaces what is known."""
    if not goes_on:
        room.members.clear()
    room.members |= {fold(member.name): member for member in members}


def changed(room: Room, members: Iterable[m.Member]) -> None:
    """Take in the presence of some; of those who left meanwhile nothing is to be known."""
    known = ((fold(member.name), member) for member in members)
    room.members |= {name: member for name, member in known if name in room.members}
