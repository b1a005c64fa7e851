"""How far a room has been read, what is unread in it, and what the server is told of that. Pure."""

from collections.abc import Callable

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_tui.model.room import Room, said


def count(room: Room, seq: int, *, own: bool, called: bool) -> None:
    """Count a message that has just come. Whoever writes has read."""
    if own:
        room.dirty = room.dirty or room.unread > 0
        room.read_seq, room.unread, room.mentions = seq, 0, 0
        room.kept_unread = False
    elif seq > room.counted_to:
        room.unread += 1
        room.mentions += called


def taken_back(room: Room, seq: int, *, by: int, called: bool) -> bool:
    """Count `seq` of somebody else no more, which `by` has just deleted; say if it was counted."""
    if seq <= room.read_seq or by <= room.counted_to or not room.unread:
        return False
    room.unread -= 1
    room.mentions = max(0, room.mentions - called)
    return True


def take_counts(room: Room, told: m.RoomInfo | m.Joined) -> None:
    """Take over what the server says of a room at `told.last_seq`.

    Not where we have heard more than it had said then, nor where it does not
    know yet what we have read, or marked as unread. What another device has
    read beyond that meanwhile is read.
    """
    behind = room.kept_unread or told.read_seq <= room.read_seq
    if told.last_seq < room.last_seq or (room.dirty and behind):
        return
    room.read_seq, room.unread, room.mentions = told.read_seq, told.unread, told.mentions
    room.counted_to = told.last_seq
    room.dirty = False


def read(room: Room) -> bool:
    """Note that somebody has looked at the end of the room; say whether anything was unread."""
    if room.kept_unread or not (room.unread or room.mentions):
        return False
    room.read_seq, room.unread, room.mentions = room.last_seq, 0, 0
    room.dirty = True
    return True


def read_elsewhere(room: Room, event: m.ReadTo) -> None:
    """Take over how far another device of ours says that we have read.

    Not while what we told has no answer: the server answers in the order in which it
    takes marks, so ours is the later one and counts.
    """
    if room.telling or (event.seq < room.read_seq and room.dirty):
        return
    room.kept_unread = event.seq < room.read_seq
    room.read_seq, room.unread, room.mentions = event.seq, event.unread, event.mentions
    room.dirty = False


def mark_unread(
    room: Room, seq: int, is_me: Callable[[str], bool], calls_us: Callable[[str], bool]
) -> None:
    """Let everything from `seq` on be unread again, until the room is opened anew."""
    others = [line for line in said(room.lines) if line.seq >= seq and not is_me(line.author)]
    beyond = room.unread if not room.reaches_the_end else 0
    room.unread = max(len(others), beyond)
    room.mentions = max(sum(calls_us(line.text) for line in others), room.mentions if beyond else 0)
    room.read_seq = max(0, seq - 1)
    room.dirty = room.kept_unread = True


def to_tell(room: Room) -> m.Read | None:
    """Return the request that says how far we have read, if the server does not know."""
    if not room.dirty:
        return None
    room.dirty = False
    room.telling += 1
    return m.Read(id=m.UNNUMBERED, room=room.name, seq=room.read_seq)


def told(room: Room, request: m.Read, reply: m.Reply | None) -> None:
    """Take note of the answer: what was lost with the line, or too much, is said again."""
    room.telling = max(0, room.telling - 1)  # a room that went and came back knows of none
    later = reply is None or (isinstance(reply, m.Error) and reply.code == Code.TOO_FAST)
    if later and request.seq == room.read_seq:
        room.dirty = True
