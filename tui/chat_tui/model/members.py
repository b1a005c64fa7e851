"""The members of a room and their presence, kept up to date from events and pages. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from chat_shared import messages as m
from chat_shared.names import fold
from chat_tui.model.room import Room

MAX_MEMBERS: Final = 10_000  # known of one room: as many as can be connected to a server at once


def add(room: Room, name: str, *, guest: bool = False) -> bool:
    """Add a member; return whether they were not one before."""
    if fold(name) in room.members or len(room.members) >= MAX_MEMBERS:
        return False
    room.members[fold(name)] = m.Member(name, True, guest=guest)
    return True


def kept(room: Room, name: str) -> None:
    """Note that this member is not a guest any more."""
    if member := room.members.get(fold(name)):
        room.members[fold(name)] = replace(member, guest=False)


def remove(room: Room, name: str) -> None:
    """Remove a member."""
    room.members.pop(fold(name), None)


def listed(
    room: Room, members: Sequence[m.Member], *, more: bool = False, goes_on: bool = False
) -> None:
    """Apply a page of members; the first page replaces what is known.

    After a page that brings no one new there is no other, whatever the server says.
    """
    if not goes_on:
        room.members.clear()
    known = len(room.members)
    for member in members:
        if len(room.members) < MAX_MEMBERS or fold(member.name) in room.members:
            room.members[fold(member.name)] = member
    room.members_after = members[-1].name if more and len(room.members) > known else ""


def unknown(room: Room) -> None:
    """Forget who is online: nothing will say so until the next connection."""
    room.members = {
        name: replace(member, online=False, seen="") for name, member in room.members.items()
    }


def changed(room: Room, members: Iterable[m.Member]) -> None:
    """Apply a presence event; people who have left meanwhile are ignored."""
    known = ((fold(member.name), member) for member in members)
    room.members |= {name: member for name, member in known if name in room.members}
