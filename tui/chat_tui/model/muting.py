"""Whether we may write in a room, as far as the server has said. Pure."""

from collections.abc import Callable
from datetime import datetime

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_tui.markup.times import read_time
from chat_tui.model.room import Room


def joined(room: Room, reply: m.Joined) -> None:
    """Apply the description of a room."""
    room.muted, room.muted_until = reply.muted, reply.muted_until


def listed(room: Room) -> None:
    """Apply a log-in; events say next in which rooms we are muted."""
    room.muted, room.muted_until = False, ""


def apply(room: Room, event: m.Event, is_me: Callable[[str], bool]) -> None:
    """Apply an event of `room`: we are muted or unmuted, or own it, and an owner is not muted."""
    match event:
        case m.IsMuted(until=until):
            room.muted, room.muted_until = True, until
        case m.Audited(_, m.AuditEntry(action="mute", name=name, until=until)) if is_me(name):
            room.muted, room.muted_until = True, until
        case m.Audited(_, m.AuditEntry(action="unmute", name=name)) | m.Changed(owner=name):
            if is_me(name):
                room.muted, room.muted_until = False, ""


def refused(room: Room, error: m.Error) -> None:
    """Apply the refusal of a message: the mute came while we were not connected yet."""
    if error.code == Code.MUTED:
        room.muted, room.muted_until = True, error.until


def is_muted(room: Room, now: datetime) -> bool:
    """Return whether we may not write in `room` at that time."""
    return room.muted and (not room.muted_until or now < read_time(room.muted_until))


def seconds_left(room: Room, now: datetime) -> float | None:
    """Return after how many seconds our mute ends; None if there is none, or it has no end."""
    if not is_muted(room, now) or not room.muted_until:
        return None
    return (read_time(room.muted_until) - now).total_seconds()
