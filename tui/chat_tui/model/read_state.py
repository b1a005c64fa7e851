"""How far a room is read, its unread counts, and the reports of that to the server. Pure."""

from collections.abc import Callable

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_tui.model.room import Room, messages_in


def count(room: Room, seq: int, *, own: bool, mentioned: bool) -> None:
    """Count a new message. Writing in a room marks it as read."""
    if own:
        room.dirty = room.dirty or room.unread > 0
        room.read_seq, room.unread, room.mentions = seq, 0, 0
        room.kept_unread = False
    elif seq > room.counted_to:
        room.unread += 1
        room.mentions += mentioned


def uncount(room: Room, seq: int, *, by: int, mentioned: bool) -> bool:
    """Uncount message `seq` of someone else, deleted by change `by`; return if it was counted."""
    if seq <= room.read_seq or by <= room.counted_to or not room.unread:
        return False
    room.unread -= 1
    room.mentions = max(0, room.mentions - mentioned)
    return True


def take_counts(room: Room, info: m.RoomInfo | m.Restored | m.Joined) -> None:
    """Take over the server's counts of a room, as of `info.last_seq`.

    Not if we have received more since then, nor if the server does not know yet what
    we have read or marked as unread. What another device has read beyond that counts.
    """
    outdated = room.kept_unread or info.read_seq <= room.read_seq
    if info.last_seq < room.last_seq or (room.dirty and outdated):
        return
    room.read_seq, room.unread, room.mentions = info.read_seq, info.unread, info.mentions
    room.counted_to = info.last_seq
    room.dirty = False


def read(room: Room) -> bool:
    """Mark the room as read to its end; return whether anything was unread."""
    if room.kept_unread or not (room.unread or room.mentions):
        return False
    room.read_seq, room.unread, room.mentions = room.last_seq, 0, 0
    room.dirty = True
    return True


def read_elsewhere(room: Room, event: m.ReadTo) -> None:
    """Take over how far another of our devices has read.

    Not while a report of ours awaits its reply: the server replies in the order in which
    it applies reports, so ours is the later one and counts.
    """
    if room.unanswered_reports or (event.seq < room.read_seq and room.dirty):
        return
    room.kept_unread = event.seq < room.read_seq
    room.read_seq, room.unread, room.mentions = event.seq, event.unread, event.mentions
    room.dirty = False


def mark_unread(
    room: Room, seq: int, is_me: Callable[[str], bool], mentions_us: Callable[[m.Line], bool]
) -> None:
    """Mark everything from `seq` on as unread, until the room is opened again."""
    others = [
        line for line in messages_in(room.lines) if line.seq >= seq and not is_me(line.author)
    ]
    beyond = room.unread if not room.reaches_the_end else 0
    room.unread = max(len(others), beyond)
    room.mentions = max(sum(mentions_us(line) for line in others), room.mentions if beyond else 0)
    room.read_seq = max(0, seq - 1)
    room.dirty = room.kept_unread = True


def report(room: Room) -> m.Read | None:
    """Return the report of how far we have read, or None if the server knows."""
    if not room.dirty:
        return None
    room.dirty = False
    room.unanswered_reports += 1
    return m.Read(id=m.UNNUMBERED, room=room.name, seq=room.read_seq)


def reported(room: Room, request: m.Read, reply: m.Reply | None) -> None:
    """Note the reply: a report that was lost, or refused as too fast, is due again."""
    room.unanswered_reports = max(0, room.unanswered_reports - 1)  # 0 after leaving and rejoining
    later = reply is None or (isinstance(reply, m.Error) and reply.code == Code.TOO_FAST)
    if later and request.seq == room.read_seq:
        room.dirty = True
