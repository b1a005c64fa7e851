"""What happened, as lines of text. Pure; makes text of other people safe for the terminal."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Final, TypeAlias

from chat_shared import messages as m
from chat_shared.limits import GENERAL
from chat_shared.text import clean, clean_line
from chat_tui.commands import audit_text, guests_text, hooks, membership_text, ssh_keys
from chat_tui.commands.devices import device_name
from chat_tui.commands.replies import ANNOUNCED, OFFLINE as OFFLINE, confirmation, warning
from chat_tui.markup.files import described
from chat_tui.markup.times import ago, day, moment, read_time
from chat_tui.model.address import Place
from chat_tui.model.invitation_lines import lines_of
from chat_tui.model.room import Room
from chat_tui.net.events import LoggedIn
from chat_tui.plain import listing

NumberOf: TypeAlias = Callable[[m.File], int] | None

_NO_ACTIONS: Final = "No moderation actions yet."
_NO_INVITATIONS: Final = "No unused invitations. /invite creates one."
_NO_OLDER: Final = "No older messages on this page, only edits and reactions."

_CONTINUED: Final = "    "  # before the further rows of a message, so that none looks like another


def connected(event: LoggedIn) -> str:
    """Return what is new about the connection; empty for the first one to the named address."""
    place = event.place
    if event.again:
        return clean_line(f"Reconnected to {place.shown}.") if place.at else "Reconnected."
    return clean_line(f"Connected to {place.shown}.") if place.at else ""


def connection_lost(reason: str) -> str:
    """Return why the connection was lost. A server's reason may be no complete sentence.

    Whether there is a way back is not known yet: a key may have been removed, or an account locked.
    """
    why = clean_line(reason)
    end = "" if why.endswith((".", "!", "?")) else "."
    what = f"{why[:1].upper()}{why[1:]}{end}"
    return f"{what} Trying to reconnect. What you type now will be sent if that succeeds."


def message(line: m.Line, to: str = "", number: NumberOf = None) -> str:
    """Return a message as one row of text, or as several with all but the first indented.

    `to` is the author of the message that it replies to, if that is known. `number` gives a file
    the number by which it can be saved.
    """
    mark = guests_text.MARK if line.guest else ""
    return f"{_clock(line)} {clean_line(line.author)}{mark}{_content(line, to, number)}"


def _clock(item: m.Line | m.AuditEntry) -> str:
    return f"{read_time(item.at).astimezone():%H:%M}"


def _content(line: m.Line, to: str = "", number: NumberOf = None) -> str:
    """Return what follows the author."""
    if line.deleted:
        return ": (message deleted)"
    text = clean(line.text).replace("\n", f"\n{_CONTINUED}")
    recipient = f" to {clean_line(to)}" if to else ""
    reply = f" (reply{recipient})" if line.reply else ""
    edited = " (edited)" if line.edited else ""
    words = [f"{text}{edited}", *(files(line.files, number))]
    return f"{reply}: {' '.join(filter(None, words))}{_reactions(line.reactions)}"


def files(of: Iterable[m.File], number: NumberOf = None) -> Iterator[str]:
    """Yield each file of a message in brackets, by its number if it gets one."""
    for file in of:
        which = f" {number(file)}" if number is not None else ""
        yield f"[file{which}: {described(file)}]"


def message_in(room: Room, line: m.Line) -> str:
    """Return a message in another room than the open one."""
    if room.peer:
        return f"Direct message from {clean_line(line.author)}, {_clock(line)}{_content(line)}"
    return f"In {clean_line(room.title)}: {message(line)}"


def room_list(rooms: Iterable[Room], current: str) -> Iterator[str]:
    """Yield a line for each room, with the numbers of unread messages and mentions."""
    for room in rooms:
        here = ", current room" if room.name == current else ""
        unread = f", {room.unread:,} unread" if room.unread else ""
        mentions = f", {_number(room.mentions, 'mention')}" if room.mentions else ""
        yield f"{clean_line(room.title)}{here}{unread}{mentions}"


def replied(
    request: m.Request, reply: m.Reply | None, title: Callable[[str], str] = str
) -> Iterator[str]:
    """Yield the lines for a reply; none for what an event tells as well.

    `title` maps the name of a room to its displayed title.
    """
    match reply:
        case None:
            yield OFFLINE
        case m.Error(message=sentence):
            yield clean(sentence)
        case m.Created(room=room, password=password) | m.RoomPassword(room=room, password=password):
            yield f"Password of {clean_line(room)} (shown only once): {clean_line(password)}"
            yield f"To invite others, send them: /join {clean_line(room)} {clean_line(password)}"
        case m.HookCreated():
            yield from _hook_created(reply)
        case _ if sentence := confirmation(request, reply):
            if not isinstance(request, ANNOUNCED):
                yield clean_line(sentence)
            elif unprevented := warning(request):
                yield unprevented
        case _:
            yield from _listed(request, reply, title)


def invited(invite: m.RoomInvite, place: Place) -> Iterator[str]:
    """Yield the lines for a new invitation, created while connected to `place`."""
    to = "this server" if invite.room == GENERAL else clean_line(invite.room)
    lines = lines_of(invite, place)
    until = moment(invite.expires)
    condition = "" if invite.registers else " who has an account here"
    if invite.guests:
        yield f"Link to {to}. {guests_text.meant_for(invite.guests)}, until {until}."
    else:
        yield f"Invitation to {to} for one person{condition}, until {until}."
    if lines.web:
        yield f"In a browser: {lines.web}"
    if lines.ssh:
        yield f"With nothing but ssh: {lines.ssh}"
    if lines.ssh_key:
        yield f"Host key: {lines.ssh_key}"
    if lines.chat_tui:
        yield f"With chat-tui: {lines.chat_tui}"
    if lines.join:
        yield f"With an account here: {lines.join}"
    yield f"The code (shown only once): {lines.code}"


def _hook_created(hook: m.HookCreated) -> Iterator[str]:
    if hook.web:
        yield f"{clean_line(hook.name)}: {hooks.address(hook)}"
        yield f"To try it: {hooks.example(hook)}"
        yield hooks.CERTIFICATE
    else:
        yield f"{clean_line(hook.name)}, with the code {clean_line(hook.code)}. {hooks.UNREACHABLE}"
    yield hooks.SHOWN_ONCE


def _listed(request: m.Request, reply: m.Reply, title: Callable[[str], str]) -> Iterator[str]:
    match reply:
        case m.MemberPage(members=members) if isinstance(request, m.Members):
            yield from map(_member, members)
            yield listing.end(request, reply)
        case m.SessionList(sessions=sessions):
            yield from map(_session, count(1), sessions)
        case m.InvitationList(invitations=invitations):
            yield from map(_invitation, count(1), invitations)
            yield listing.ALL if invitations else _NO_INVITATIONS
        case m.HookList(hooks=found):
            yield from (
                f"{number}. {clean_line(hook.name)}, {hooks.details(hook)}"
                for number, hook in enumerate(found, 1)
            )
            yield listing.ALL if found else hooks.NONE
        case m.SshKeyList(keys=keys):
            yield from map(_ssh_key, count(1), keys)
            if not keys:
                yield ssh_keys.NONE
        case m.Found(hits=hits):
            yield from (_hit(hit, title(hit.room)) for hit in hits)
            yield listing.found(request, reply)
        case m.AuditPage(entries=entries):
            yield from (f"{moment(entry.at)} {audited(entry)}" for entry in entries)
            yield listing.end(request, reply) if entries else _NO_ACTIONS


def joined(name: str, *, guest: bool = False) -> str:
    return clean_line(membership_text.joined(name, guest=guest))


def left(name: str) -> str:
    return clean_line(membership_text.left(name))


def unmuted(title: str) -> str:
    return clean_line(membership_text.unmuted(title))


def removed(title: str, left: m.Left | None, account: str) -> str:
    """Return that the membership of `account` ended, and how, if not by itself."""
    how = None if membership_text.is_own_doing(left, account) else left
    return clean_line(membership_text.removed(title, how, datetime.now(UTC)))


def not_sent(room: str, text: str) -> str:
    """Return that `text` was not sent, since we are not in the room that it was meant for."""
    return (
        f"Not sent: you're not in {clean_line(room)}. "
        f"Use /go {GENERAL} to continue there. Your message: {clean(text)}"
    )


def too_many_unsent(count: int, text: str) -> str:
    """Return that `text` was not sent, as `count` messages wait already."""
    return f"Not sent: {_number(count, 'message')} are waiting already. Your message: {clean(text)}"


def unsent(count: int, *, kept: bool) -> str:
    """Return that `count` messages wait for the next log-in, or are lost."""
    they = "It" if count == 1 else "They"
    outcome = (
        f"{they} will be sent when you next log in to this account."
        if kept
        else "Nothing is kept here: send it again."
    )
    return f"{_number(count, 'message')} not sent. {outcome}"


def audited(entry: m.AuditEntry) -> str:
    """Return what an owner did, as a sentence."""
    return clean_line(audit_text.sentence(entry, datetime.now(UTC)))


def action(entry: m.AuditEntry) -> str:
    """Return what an owner did as it stands between messages."""
    return f"{_clock(entry)} {audited(entry)}"


def exit_question(room: Room, *, as_guest: bool = False) -> str:
    """Return the question to confirm before leaving `room`."""
    if as_guest:
        return f"{clean_line(guests_text.exit_question(room.name))} [y/N] "
    if room.peer:
        peer = clean_line(room.peer)
        return f"Close the conversation with {peer}? The next message reopens it. [y/N] "
    return f"Leave {clean_line(room.name)}? You need its password to rejoin. [y/N] "


def unread_above(count: int) -> str:
    """Return that `count` unread messages before the first printed one are not printed."""
    them = "it" if count == 1 else "them"
    return f"{_number(count, 'earlier unread message')}. Type /older to see {them}."


def older_written(count: int, *, more: bool) -> str:
    """Return the line below a page of `count` older messages."""
    what = f"{_number(count, 'older message')}." if count else _NO_OLDER
    return f"{what} {listing.MORE if more else 'This is the beginning of the room.'}"


def _reactions(reactions: Iterable[m.Reaction]) -> str:
    shown = ", ".join(f"{clean_line(r.emoji)} {r.count}" for r in reactions)
    return f" [{shown}]" if shown else ""


def _member(member: m.Member) -> str:
    """Return a member's name and presence: why they are away, or when they were last seen."""
    presence = "online" if member.online else "offline"
    if member.away:
        presence = f"{presence}, away: {clean_line(member.away)}"
    elif member.seen and not member.online:
        presence = f"{presence}, last seen {ago(read_time(member.seen), datetime.now(UTC))}"
    return f"{clean_line(member.name)}{', guest' if member.guest else ''}, {presence}"


def _session(number: int, session: m.SessionInfo) -> str:
    here = ", this device" if session.current else ""
    return f"{number}. {device_name(session)}, last seen {moment(session.seen)}{here}"


def _ssh_key(number: int, key: m.SshKeyInfo) -> str:
    fingerprint, added = clean_line(key.fingerprint), f"added {day(key.added)}"
    return f"{number}. {ssh_keys.name_of(key)}, {fingerprint}, {added}, {ssh_keys.last_use(key)}"


def _invitation(number: int, invitation: m.InvitationInfo) -> str:
    by, until = clean_line(invitation.by), moment(invitation.expires)
    kind = ", for guests" if invitation.guests else ""
    return f"{number}. By {by}{kind}, created {moment(invitation.created)}, valid until {until}"


def _hit(hit: m.Hit, title: str) -> str:
    return f"{moment(hit.at)} {clean_line(title)} {clean_line(hit.author)}: {_found(hit)}"


def _found(hit: m.Hit) -> str:
    return " ".join(filter(None, [clean(hit.text), *files(hit.files)]))


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
