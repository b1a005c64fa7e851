"""Search, direct messages, blocking and moderation, as the server in memory handles them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.names import fold
from support.mentions import mentioned

if TYPE_CHECKING:
    from support.fake_server import FakeRoom, FakeSession

AT: Final = "2026-11-22T09:30:00.000Z"


@dataclass
class Extras:
    """What the server stores besides rooms and accounts."""

    page_size: int = 50  # search results, or audit entries
    blocked: set[str] = field(default_factory=set)  # by the one account that blocks in a test
    invites: list[tuple[str, str, str]] = field(default_factory=list)  # code, room and author
    guest_links: dict[str, str] = field(default_factory=dict)  # the room, by code
    guests: set[str] = field(default_factory=set)  # folded names
    hooks: list[m.HookInfo] = field(default_factory=list)  # all of one room
    web: str = "https://chat.example.org/"  # the address of its pages
    audits: dict[str, list[m.AuditEntry]] = field(default_factory=dict)  # by room, oldest first

    def note(self, room: str, action: str, by: str = "ada", **about: str) -> m.AuditEntry:
        entries = self.audits.setdefault(room, [])
        entry = m.AuditEntry(len(entries) + 1, AT, by, action, **about)
        entries.append(entry)
        return entry


# --- search and direct messages


def _all_lines(session: "FakeSession", room: str) -> list[tuple[int, str, m.Line]]:
    """Return every message that `session` may find, newest first, and its number."""
    rooms = session.fake.rooms.values()
    ours = [r for r in rooms if fold(session.account) in r.members and room in ("", r.name)]
    lines = [(r.name, line) for r in ours for line in r.lines if not line.change]
    return [(n, *entry) for n, entry in reversed(list(enumerate(lines, start=1)))]


def _send_page(session: "FakeSession", request: m.Search | m.Mentions, hits: list[m.Hit]) -> None:
    rest = [hit for hit in hits if not request.before or hit.id < request.before]
    size = session.fake.extras.page_size
    session.send(m.Found(re=request.id, hits=rest[:size], more=len(rest) > size))


def _search(session: "FakeSession", request: m.Search) -> None:
    if request.room:
        session.room(request.room)
    hits = []
    for number, room, line in _all_lines(session, request.room):
        words = request.words.lower().split()
        at = [line.text.lower().find(word) for word in words]
        by_author = not request.author or fold(request.author) == fold(line.author)
        if -1 not in at and by_author and (not request.until or line.at < request.until):
            marks = [(start, start + len(word)) for start, word in zip(at, words, strict=True)]
            found = number, room, line.seq, line.author, line.text, line.at, marks
            hits.append(m.Hit(*found, files=line.files))
    _send_page(session, request, hits)


def _mentions(session: "FakeSession", request: m.Mentions) -> None:
    hits = [
        m.Hit(number, room, line.seq, line.author, line.text, line.at)
        for number, room, line in _all_lines(session, "")
        if mentioned(line.text, {fold(session.account)})
    ]
    _send_page(session, request, hits)


def _direct(session: "FakeSession", request: m.Direct) -> None:
    fake, (one, other) = session.fake, sorted([fold(session.account), fold(request.name)])
    if fold(request.name) not in fake.accounts:
        raise Refused(Code.UNKNOWN_ACCOUNT, "Nobody here has this name.")
    name = f"@{one}-{other}"
    if name not in fake.rooms:
        fake.room(name, "", *(fake.accounts[account][0] for account in (one, other)))
    session.send_joined(request, fake.rooms[name])


def _block(session: "FakeSession", request: m.Block | m.Unblock) -> None:
    blocked = session.fake.extras.blocked
    (blocked.add if isinstance(request, m.Block) else blocked.discard)(request.name)
    session.send(m.Ok(re=request.id))


def _blocked(session: "FakeSession", request: m.Blocked) -> None:
    session.send(m.BlockedList(re=request.id, names=sorted(session.fake.extras.blocked)))


# --- moderation


def _owned(session: "FakeSession", name: str) -> "FakeRoom":
    room = session.room(name)
    if fold(room.owner) != fold(session.account):
        raise Refused(Code.FORBIDDEN, "Only the room's owner can do that.")
    return room


def _note(session: "FakeSession", room: "FakeRoom", action: str, **about: str) -> None:
    entry = session.fake.extras.note(room.name, action, session.account, **about)
    session.fake.broadcast(room.name, m.Audited(room.name, entry))


def _topic(session: "FakeSession", request: m.Topic) -> None:
    room = _owned(session, request.room)
    room.topic = request.topic
    session.fake.broadcast(room.name, m.Changed(room.name, room.topic, room.owner))
    _note(session, room, "topic", reason=request.topic)
    session.send(m.Ok(re=request.id))


def _new_password(session: "FakeSession", request: m.NewPassword) -> None:
    room = _owned(session, request.room)
    room.password = "p5wd-8nkr-2c7m"
    _note(session, room, "new_password")
    session.send(m.RoomPassword(re=request.id, room=room.name, password=room.password))


# --- invitations

_EXPIRES: Final = "2026-11-30T12:21:00.000Z"


def _invite(session: "FakeSession", request: m.Invite) -> None:
    room, extras = session.room(request.room), session.fake.extras
    code = f"x0vb-61tq-jj{len(extras.invites):02}"
    extras.invites.append((code, room.name, session.account))
    _note(session, room, "invite", until=_EXPIRES)
    session.send(
        m.RoomInvite(
            re=request.id, room=room.name, code=code, expires=_EXPIRES, registers=True,
            host="chat.example.org", port=7667, fingerprint=f"SHA256:{'a' * 64}",
            ssh_port=2222, ssh_key=f"SHA256:{'Z' * 43}",
        )
    )  # fmt: skip


def _invitations(session: "FakeSession", request: m.Invitations) -> None:
    unused = [
        m.InvitationInfo(number, by, AT, _EXPIRES)
        for number, (_, room, by) in enumerate(session.fake.extras.invites, 1)
        if room == request.room
    ]
    session.send(m.InvitationList(re=request.id, room=request.room, invitations=unused))


def _revoke_invitation(session: "FakeSession", request: m.RevokeInvitation) -> None:
    _, room, by = session.fake.extras.invites.pop(request.invitation - 1)
    _note(session, session.room(room), "revoke_invitation", name=by)
    session.send(m.Ok(re=request.id))


# --- hooks


def _create_hook(session: "FakeSession", request: m.CreateHook) -> None:
    room, extras = _owned(session, request.room), session.fake.extras
    name, number = f"{request.name} (hook)", len(extras.hooks) + 1
    extras.hooks.append(m.HookInfo(number, name, session.account, AT))
    _note(session, room, "create_hook", name=name)
    session.send(
        m.HookCreated(
            re=request.id, room=room.name, hook=number, name=name, code="VbO2mX", web=extras.web
        )
    )


def _hooks(session: "FakeSession", request: m.Hooks) -> None:
    _owned(session, request.room)
    hooks = list(session.fake.extras.hooks)
    session.send(m.HookList(re=request.id, room=request.room, hooks=hooks))


def _remove_hook(session: "FakeSession", request: m.RemoveHook) -> None:
    room, extras = _owned(session, request.room), session.fake.extras
    (hook,) = (hook for hook in extras.hooks if hook.hook == request.hook)
    extras.hooks.remove(hook)
    _note(session, room, "remove_hook", name=hook.name)
    session.send(m.Ok(re=request.id))


def use_invite(session: "FakeSession", code: str) -> str:
    """Use up the invitation with this code; return its room, empty if there is no such one."""
    for invite in session.fake.extras.invites:
        if invite[0] == code:
            session.fake.extras.invites.remove(invite)
            return invite[1]
    return ""


def _remove(session: "FakeSession", request: m.Kick | m.Ban) -> None:
    room = _owned(session, request.room)
    name = room.members.get(fold(request.name))
    until = request.until if isinstance(request, m.Ban) else ""
    action = "ban" if isinstance(request, m.Ban) else "kick"
    if name is not None:
        left = m.Left(room.name, name, session.account, request.reason, action, until)
        session.fake.broadcast(room.name, left)
        del room.members[fold(request.name)]
    elif isinstance(request, m.Kick):
        raise Refused(Code.FORBIDDEN, f"{request.name} isn't in this room.")
    _note(session, room, action, name=request.name, until=until, reason=request.reason)
    session.send(m.Ok(re=request.id))


def _sanction(session: "FakeSession", request: m.Mute | m.Unmute | m.Unban) -> None:
    room = _owned(session, request.room)
    about = (
        {"until": request.until, "reason": request.reason} if isinstance(request, m.Mute) else {}
    )
    _note(session, room, type(request).__name__.lower(), name=request.name, **about)
    if isinstance(request, m.Mute):
        room.mutes[fold(request.name)] = request.until
    elif isinstance(request, m.Unmute):
        room.mutes.pop(fold(request.name), None)
    session.send(m.Ok(re=request.id))


def _mute_of(session: "FakeSession", request: m.MuteOf) -> None:
    mutes = _owned(session, request.room).mutes
    name, muted = request.name, fold(request.name) in mutes
    until = mutes.get(fold(name), "")
    session.send(m.MuteInfo(request.room, name, muted, until, re=request.id))


def _hand_over(session: "FakeSession", request: m.HandOver) -> None:
    room = _owned(session, request.room)
    if fold(request.name) not in room.members:
        raise Refused(Code.FORBIDDEN, f"{request.name} isn't in this room.")
    room.owner = room.members[fold(request.name)]
    session.fake.broadcast(room.name, m.Changed(room.name, room.topic, room.owner))
    _note(session, room, "hand_over", name=room.owner)
    session.send(m.Ok(re=request.id))


def _delete_room(session: "FakeSession", request: m.DeleteRoom) -> None:
    room = _owned(session, request.room)
    for name in list(room.members.values()):
        left = m.Left(room.name, name, session.account, action="delete_room")
        session.fake.broadcast(room.name, left)
    del session.fake.rooms[room.name]
    session.send(m.Ok(re=request.id))


def _audit(session: "FakeSession", request: m.Audit) -> None:
    room, extras = session.room(request.room), session.fake.extras
    entries = list(reversed(extras.audits.get(room.name, [])))
    rest = [entry for entry in entries if not request.before or entry.id < request.before]
    page, more = rest[: extras.page_size], len(rest) > extras.page_size
    session.send(m.AuditPage(re=request.id, room=room.name, entries=page, more=more))


HANDLERS: Final[dict[type[m.Request], Callable[..., object]]] = {
    m.Search: _search,
    m.Mentions: _mentions,
    m.Direct: _direct,
    m.Block: _block,
    m.Unblock: _block,
    m.Blocked: _blocked,
    m.Topic: _topic,
    m.NewPassword: _new_password,
    m.Invite: _invite,
    m.Invitations: _invitations,
    m.RevokeInvitation: _revoke_invitation,
    m.CreateHook: _create_hook,
    m.Hooks: _hooks,
    m.RemoveHook: _remove_hook,
    m.Kick: _remove,
    m.Ban: _remove,
    m.Unban: _sanction,
    m.Mute: _sanction,
    m.Unmute: _sanction,
    m.MuteOf: _mute_of,
    m.HandOver: _hand_over,
    m.DeleteRoom: _delete_room,
    m.Audit: _audit,
}
