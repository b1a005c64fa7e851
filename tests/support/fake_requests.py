"""What the house in memory finds, and what it lets owners do: the requests beside its everyday."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.mentions import mentioned
from chat_shared.names import fold

if TYPE_CHECKING:
    from support.fake_server import FakeRoom, Guest

AT: Final = "2026-11-22T09:30:00.000Z"


@dataclass
class Extras:
    """What a house knows besides rooms and accounts."""

    page_size: int = 50  # hits, and entries of an audit list
    blocked: set[str] = field(default_factory=set)  # by whoever asks: there is one in a test
    audits: dict[str, list[m.AuditEntry]] = field(default_factory=dict)  # by room, oldest first

    def note(self, room: str, action: str, by: str = "ada", **about: str) -> m.AuditEntry:
        entries = self.audits.setdefault(room, [])
        entry = m.AuditEntry(len(entries) + 1, AT, by, action, **about)
        entries.append(entry)
        return entry


# --- finding


def _all_lines(guest: "Guest", room: str) -> list[tuple[int, str, m.Line]]:
    """Return every message that `guest` may find, newest first, each with its number among all."""
    rooms = guest.fake.rooms.values()
    ours = [r for r in rooms if fold(guest.account) in r.members and room in ("", r.name)]
    lines = [(r.name, line) for r in ours for line in r.lines if not line.change]
    return [(n, *entry) for n, entry in reversed(list(enumerate(lines, start=1)))]


def _send_page(guest: "Guest", request: m.Search | m.Mentions, hits: list[m.Hit]) -> None:
    rest = [hit for hit in hits if not request.before or hit.id < request.before]
    size = guest.fake.extras.page_size
    guest.send(m.Found(re=request.id, hits=rest[:size], more=len(rest) > size))


def _search(guest: "Guest", request: m.Search) -> None:
    if request.room:
        guest.room(request.room)
    hits = []
    for number, room, line in _all_lines(guest, request.room):
        words = request.words.lower().split()
        at = [line.text.lower().find(word) for word in words]
        by_whom = not request.author or fold(request.author) == fold(line.author)
        if -1 not in at and by_whom and (not request.until or line.at < request.until):
            marks = [(start, start + len(word)) for start, word in zip(at, words, strict=True)]
            hits.append(m.Hit(number, room, line.seq, line.author, line.text, line.at, marks))
    _send_page(guest, request, hits)


def _mentions(guest: "Guest", request: m.Mentions) -> None:
    hits = [
        m.Hit(number, room, line.seq, line.author, line.text, line.at)
        for number, room, line in _all_lines(guest, "")
        if fold(guest.account) in mentioned(line.text)
    ]
    _send_page(guest, request, hits)


def _direct(guest: "Guest", request: m.Direct) -> None:
    fake, (one, other) = guest.fake, sorted([fold(guest.account), fold(request.name)])
    if fold(request.name) not in fake.accounts:
        raise Refused(Code.UNKNOWN_ACCOUNT, "Nobody here has this name.")
    name = f"@{one}-{other}"
    if name not in fake.rooms:
        fake.room(name, "", *(fake.accounts[account][0] for account in (one, other)))
    guest.tell_of(request, fake.rooms[name])


def _block(guest: "Guest", request: m.Block | m.Unblock) -> None:
    blocked = guest.fake.extras.blocked
    (blocked.add if isinstance(request, m.Block) else blocked.discard)(request.name)
    guest.send(m.Ok(re=request.id))


def _blocked(guest: "Guest", request: m.Blocked) -> None:
    guest.send(m.BlockedList(re=request.id, names=sorted(guest.fake.extras.blocked)))


# --- owning


def _owned(guest: "Guest", name: str) -> "FakeRoom":
    room = guest.room(name)
    if fold(room.owner) != fold(guest.account):
        raise Refused(Code.FORBIDDEN, "Only the owner of this room may do that.")
    return room


def _note(guest: "Guest", room: "FakeRoom", action: str, **about: str) -> None:
    entry = guest.fake.extras.note(room.name, action, guest.account, **about)
    guest.fake.tell(room.name, m.Audited(room.name, entry))


def _topic(guest: "Guest", request: m.Topic) -> None:
    room = _owned(guest, request.room)
    room.topic = request.topic
    guest.fake.tell(room.name, m.Changed(room.name, room.topic, room.owner))
    _note(guest, room, "topic", reason=request.topic)
    guest.send(m.Ok(re=request.id))


def _new_password(guest: "Guest", request: m.NewPassword) -> None:
    room = _owned(guest, request.room)
    room.password = "p5wd-8nkr-2c7m"
    _note(guest, room, "new_password")
    guest.send(m.RoomPassword(re=request.id, room=room.name, password=room.password))


def _invite(guest: "Guest", request: m.Invite) -> None:
    room, expires = _owned(guest, request.room), "2026-11-30T12:21:00.000Z"
    _note(guest, room, "invite", until=expires)
    guest.send(m.RoomInvite(re=request.id, room=room.name, code="x0vb-61tq-jj5e", expires=expires))


def _send_out(guest: "Guest", request: m.Kick | m.Ban) -> None:
    room = _owned(guest, request.room)
    name = room.members.get(fold(request.name))
    if name is not None:
        guest.fake.tell(room.name, m.Left(room.name, name, guest.account, request.reason))
        del room.members[fold(request.name)]
    elif isinstance(request, m.Kick):
        raise Refused(Code.FORBIDDEN, f"{request.name} is not in this room.")
    until = request.until if isinstance(request, m.Ban) else ""
    action = "ban" if isinstance(request, m.Ban) else "kick"
    _note(guest, room, action, name=request.name, until=until, reason=request.reason)
    guest.send(m.Ok(re=request.id))


def _sanction(guest: "Guest", request: m.Mute | m.Unmute | m.Unban) -> None:
    room = _owned(guest, request.room)
    about = (
        {"until": request.until, "reason": request.reason} if isinstance(request, m.Mute) else {}
    )
    _note(guest, room, type(request).__name__.lower(), name=request.name, **about)
    guest.send(m.Ok(re=request.id))


def _hand_over(guest: "Guest", request: m.HandOver) -> None:
    room = _owned(guest, request.room)
    if fold(request.name) not in room.members:
        raise Refused(Code.FORBIDDEN, f"{request.name} is not in this room.")
    room.owner = room.members[fold(request.name)]
    guest.fake.tell(room.name, m.Changed(room.name, room.topic, room.owner))
    _note(guest, room, "hand_over", name=room.owner)
    guest.send(m.Ok(re=request.id))


def _delete_room(guest: "Guest", request: m.DeleteRoom) -> None:
    room = _owned(guest, request.room)
    for name in list(room.members.values()):
        guest.fake.tell(room.name, m.Left(room.name, name, guest.account))
    del guest.fake.rooms[room.name]
    guest.send(m.Ok(re=request.id))


def _audit(guest: "Guest", request: m.Audit) -> None:
    room, extras = guest.room(request.room), guest.fake.extras
    entries = list(reversed(extras.audits.get(room.name, [])))
    rest = [entry for entry in entries if not request.before or entry.id < request.before]
    page, more = rest[: extras.page_size], len(rest) > extras.page_size
    guest.send(m.AuditPage(re=request.id, room=room.name, entries=page, more=more))


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
    m.Kick: _send_out,
    m.Ban: _send_out,
    m.Unban: _sanction,
    m.Mute: _sanction,
    m.Unmute: _sanction,
    m.HandOver: _hand_over,
    m.DeleteRoom: _delete_room,
    m.Audit: _audit,
}
