"""What happened, in lines of text. Pure; everything that others wrote is made harmless here."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from chat_shared import messages as m
from chat_shared.limits import GENERAL
from chat_shared.text import clean, clean_line
from chat_tui.commands import audit_text, blocking
from chat_tui.markup.last_seen import ago
from chat_tui.markup.times import read_time
from chat_tui.model.room import Room
from chat_tui.plain import listing

OFFLINE: Final = "The server is out of reach; this is possible when the line is back."

_BACK: Final = "You are back."
_NOTHING_DONE: Final = "Nothing was done here that an owner does."

_CONTINUED: Final = "    "  # before the further rows of a message, so that none looks like another


def connection_lost(reason: str) -> str:
    """Return that the line is away, and why; a server's goodbye may be no whole sentence."""
    why = clean_line(reason)
    end = "" if why.endswith((".", "!", "?")) else "."
    return f"{why[:1].upper()}{why[1:]}{end} Trying to come back; what you type is kept."


def said(line: m.Line) -> str:
    """Return a message as one line, or as several of which all but the first are indented."""
    author, at = clean_line(line.author), f"{read_time(line.at).astimezone():%H:%M}"
    if line.deleted:
        return f"{at} {author} deleted a message."
    text = clean(line.text).replace("\n", f"\n{_CONTINUED}")
    answers = " (answering)" if line.reply else ""
    edited = " (edited)" if line.edited else ""
    return f"{at} {author}{answers}: {text}{edited}{_reactions(line.reactions)}"


def said_in(room: str, line: m.Line) -> str:
    """Return a message of another room than the open one."""
    return f"In {clean_line(room)}: {said(line)}"


def room_list(rooms: Iterable[Room], current: str) -> Iterator[str]:
    """Yield a line for each room, with what is unread in it."""
    for room in rooms:
        here = ", open" if room.name == current else ""
        unread = f", {room.unread:,} unread" if room.unread else ""
        calls = f", {room.mentions:,} call you" if room.mentions else ""
        yield f"{clean_line(room.title)}{here}{unread}{calls}"


def answered(
    request: m.Request, reply: m.Reply | None, title: Callable[[str], str] = str
) -> Iterator[str]:
    """Yield what there is to say about a reply; what is told by an event as well is not said.

    `title` says what people call a room.
    """
    match reply:
        case None:
            yield OFFLINE
        case m.Error(message=sentence):
            yield clean(sentence)
        case m.Created(room=room, password=password) | m.RoomPassword(room=room, password=password):
            yield f"The password of {clean_line(room)}, shown only now: {clean_line(password)}"
            yield f"For a friend: /join {clean_line(room)} {clean_line(password)}"
        case m.RoomInvite(room=room, code=code):
            yield f"For one friend, once: /join {clean_line(room)} {clean_line(code)}"
        case _ if sentence := blocking.answer(request, reply):
            yield clean_line(sentence)
        case m.Ok() if isinstance(request, m.Away):
            yield f"You are away: {clean_line(request.text)}" if request.text else _BACK
        case m.Ok() if isinstance(request, m.Password):
            yield "Your password is changed. All other devices are logged out."
        case m.Ok() if isinstance(request, m.Revoke) and request.session:
            yield f"{clean_line(request.session)} is logged out."
        case _:
            yield from _listed(request, reply, title)


def _listed(request: m.Request, reply: m.Reply, title: Callable[[str], str]) -> Iterator[str]:
    match reply:
        case m.MemberPage(members=members) if isinstance(request, m.Members):
            yield from map(_member, members)
            yield listing.end(request, reply)
        case m.SessionList(sessions=sessions):
            yield from map(_session, sessions)
        case m.Found(hits=hits):
            yield from (_hit(hit, title(hit.room)) for hit in hits)
            yield listing.found(request, reply)
        case m.AuditPage(entries=entries):
            yield from (f"{_moment(entry.at)} {audited(entry)}" for entry in entries)
            yield listing.end(request, reply) if entries else _NOTHING_DONE


def entered(name: str) -> str:
    return f"{clean_line(name)} came in."


def left(name: str) -> str:
    return f"{clean_line(name)} left."


def gone(title: str, by: str, reason: str) -> str:
    """Return that one is in a room no more; `by` whom, where somebody else ended that."""
    ended = f": {clean_line(by)} ended that." if by else "."
    why = f" {clean_line(reason)}" if by and reason else ""
    return f"You are not in {clean_line(title)} any more{ended}{why}"


def not_sent(room: str, text: str) -> str:
    """Return that `text` went nowhere, since one is not in the room that it is meant for."""
    return (
        f"Not sent: you are not in {clean_line(room)}. "
        f"/go {GENERAL} goes on there. It was: {clean(text)}"
    )


def audited(entry: m.AuditEntry) -> str:
    """Return what an owner did."""
    return clean_line(audit_text.sentence(entry, datetime.now(UTC)))


def exit_question(room: Room) -> str:
    """Return what is asked before somebody exits."""
    if room.peer:
        return f"Close the conversation with {clean_line(room.peer)}? Type y: "
    return f"Exit {clean_line(room.name)}? It takes its password to come back. Type y: "


def unread_above(count: int) -> str:
    """Return that so much more was not read than is written."""
    return f"{count:,} more that you have not read stand above this: /older shows them."


def older_written(count: int, *, more: bool) -> str:
    """Return what is said below so many messages of a page of the log."""
    what = "That was what stood before." if count else "There was nothing but changes before."
    return f"{what} {listing.MORE if more else 'It is the beginning.'}"


def _reactions(reactions: Iterable[m.Reaction]) -> str:
    shown = ", ".join(f"{clean_line(r.emoji)} {r.count}" for r in reactions)
    return f" [{shown}]" if shown else ""


def _member(member: m.Member) -> str:
    """Return who it is; of who is not here why, or else since when."""
    presence = "online" if member.online else "offline"
    if member.away:
        presence = f"{presence}, away: {clean_line(member.away)}"
    elif member.seen and not member.online:
        presence = f"{presence}, last seen {ago(read_time(member.seen), datetime.now(UTC))}"
    return f"{clean_line(member.name)}, {presence}"


def _session(session: m.SessionInfo) -> str:
    here = ", this one" if session.current else ""
    return f"{session.session}, last seen {_moment(session.seen)}{here}"


def _hit(hit: m.Hit, title: str) -> str:
    return f"{_moment(hit.at)} {clean_line(title)} {clean_line(hit.author)}: {clean(hit.text)}"


def _moment(at: str) -> str:
    return f"{read_time(at).astimezone():%Y-%m-%d %H:%M}"
