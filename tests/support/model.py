"""A model of the server in plain Python: no streams, no tasks, no SQL, no hashes.

Each method is one request. It changes the model and returns the expected reply, or
raises `Refusal` with its code and changes nothing but the count of wrong passwords.
What every device is to receive besides its replies is put into its `due`. What only
the server can know (tokens, a room's password) is taken from its reply.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from chat_server.clock import rfc3339
from chat_server.sessions.registry import TOO_MANY_DEVICES
from chat_shared import messages as m
from chat_shared.errors import Code
from support.mentions import mentioned
from support.peer import Peer

# The limits of the tested server: low, so that they are met.
DEVICES: Final = 3  # of an account, and its tokens
ROOMS: Final = 2  # of an account, besides the general one

# A name as it may be typed, as it is displayed, and its key.
SPELLINGS: Final = {
    "ada": ("ada", "ada"),
    "Ada": ("Ada", "ada"),
    "ＡＤＡ": ("ADA", "ada"),
    "zoë": ("zoë", "zoë"),
    "ZOE\u0308": ("ZOË", "zoë"),
    "ben": ("ben", "ben"),
    "general": ("general", "general"),
    "kitchen": ("kitchen", "kitchen"),
    "KITCHEN": ("KITCHEN", "kitchen"),
    "garden": ("garden", "garden"),
    "attic": ("attic", "attic"),
    "cellar": ("cellar", "cellar"),
    "nobody": ("nobody", "nobody"),
}

_SHORTEST_PASSWORD: Final = 8
_LONGEST_TEXT: Final = 8_000
_FREE_ATTEMPTS: Final = 5
_LONGEST_WAIT: Final = 900_000  # milliseconds
_DAY: Final = 86_400_000  # milliseconds


class Refusal(Exception):
    """The request must be refused with this code."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


@dataclass(eq=False)
class Token:
    text: str
    created: int
    seen: int


@dataclass(eq=False)
class Person:
    name: str
    key: str
    password: str | None  # None for an account that was deleted
    tokens: list[Token] = field(default_factory=list)  # the newest last


@dataclass(eq=False)
class Device:
    """A logged-in connection."""

    peer: Peer
    person: Person
    token: Token
    due: list[m.Message] = field(default_factory=list)


@dataclass(eq=False)
class Room:
    name: str
    owner: str
    password: str
    # How far each member has read, the oldest member first.
    members: dict[str, int] = field(default_factory=dict)
    messages: list[m.Posted] = field(default_factory=list)


def key_of(name: str) -> str:
    return SPELLINGS[name][1] if name in SPELLINGS else name


class Model:
    """The state of the server. `rooms` are in the order of their creation."""

    def __init__(self, now: int) -> None:
        self.now = now  # milliseconds since 1970
        self.people: dict[str, Person] = {}
        self.rooms = {"general": Room("general", "", "")}
        self.devices: list[Device] = []
        self.disconnected: list[Device] = []  # by the server, and not compared since
        self._throttle: dict[tuple[str, ...], tuple[int, int]] = {}
        self._nonces: dict[tuple[str, str], m.Posted] = {}
        self._mentions: dict[tuple[str, int], set[str]] = {}  # accounts, by room and seq
        self._audit_entries = 0  # so far

    # --- logging in

    def register(self, reply: m.Reply, peer: Peer, name: str, password: str) -> m.Reply:
        shown, key = _checked(name)
        if key == "general":  # an account would look like the room
            raise Refusal(Code.BAD_NAME)
        if len(password) < _SHORTEST_PASSWORD:
            raise Refusal(Code.WEAK_PASSWORD)
        if key in self.people:
            raise Refusal(Code.NAME_TAKEN)
        person = self.people[key] = Person(shown, key, password)
        self.rooms["general"].members[key] = len(self.rooms["general"].messages)
        welcome = self._welcome(reply, peer, person, self._add_token(reply, person))
        self._broadcast("general", m.Entered("general", shown))
        return welcome

    def log_in(self, reply: m.Reply, peer: Peer, name: str, password: str) -> m.Reply:
        person = self.people.get(key_of(name))
        if person is None:
            raise Refusal(Code.UNKNOWN_ACCOUNT)
        self._authenticate(person, password)
        return self._welcome(reply, peer, person, self._add_token(reply, person))

    def resume(self, reply: m.Reply, peer: Peer, token: str, seen: dict[str, int]) -> m.Reply:
        person, found = self._find_token(token)
        found.seen = self.now
        welcome = self._welcome(reply, peer, person, found)
        device = self.devices[-1]
        for key, room in self.rooms_of(person):
            device.due += room.messages[seen.get(key, len(room.messages)) :]
        return welcome

    def log_out(self, reply: m.Reply, device: Device) -> m.Reply:
        self._revoke(device.person, [device.token], "you logged out")
        return m.Ok(re=_re(reply))

    # --- the account

    def sessions(self, reply: m.Reply, device: Device) -> m.Reply:
        """Take the names of the sessions, in their order, from the reply."""
        assert isinstance(reply, m.SessionList)
        tokens = device.person.tokens[::-1]
        listed = [
            m.SessionInfo(
                info.session, rfc3339(token.created), rfc3339(token.seen), token is device.token
            )
            for info, token in zip(reply.sessions, tokens, strict=True)
        ]
        return m.SessionList(re=reply.re, sessions=listed)

    def revoke(self, reply: m.Reply, device: Device, which: int | None) -> m.Reply:
        """`which` counts from the newest; None is all others."""
        tokens = device.person.tokens
        revoked = [token for token in tokens if token is not device.token]
        if which is not None:
            revoked = [tokens[::-1][which]]
        self._revoke(device.person, revoked, "this device was logged out")
        return m.Ok(re=_re(reply))

    def change_password(self, reply: m.Reply, device: Device, old: str, new: str) -> m.Reply:
        if len(new) < _SHORTEST_PASSWORD:
            raise Refusal(Code.WEAK_PASSWORD)
        person = device.person
        self._authenticate(person, old)
        person.password = new
        text, revoked = getattr(reply, "token", ""), list(person.tokens)
        device.token = Token(text, device.token.created, self.now)
        person.tokens.append(device.token)
        self._revoke(person, revoked, "the password was changed on another device")
        return m.Ok(re=_re(reply), token=text)

    def delete_account(self, reply: m.Reply, device: Device, password: str) -> m.Reply:
        person = device.person
        self._authenticate(person, password)
        for key, room in self.rooms_of(person):
            self._broadcast(key, m.Left(room.name, person.name))
            del room.members[person.key]
        person.password = None
        self._revoke(person, list(person.tokens), "the account was deleted")
        for key, room in self.rooms.items():
            if room.owner == person.name:
                self._transfer(key, room)
        return m.Ok(re=_re(reply))

    # --- rooms

    def create(self, reply: m.Reply, device: Device, name: str) -> m.Reply:
        shown, key = _checked(name)
        if key in self.rooms:
            raise Refusal(Code.ROOM_EXISTS)
        self._check_not_full(device.person)
        password = getattr(reply, "password", "")
        self.rooms[key] = Room(shown, device.person.name, password)
        self._add_member(key, device.person)
        return m.Created(re=_re(reply), room=shown, password=password)

    def join(self, reply: m.Reply, device: Device, name: str, password: str) -> m.Reply:
        person, key = device.person, key_of(name)
        room = self.rooms.get(key)
        if room is None or person.key not in room.members:
            right = room is not None and room.password == password.lower() != ""
            if not self._attempt(right, "room", key, person.key):
                raise Refusal(Code.WRONG_ROOM_OR_PASSWORD)
            self._check_not_full(person)
            self._add_member(key, person)
        room = self.rooms[key]
        info = self._info(room, person)
        return m.Joined(
            re=_re(reply),
            room=room.name,
            topic="",
            owner=room.owner,
            last_seq=info.last_seq,
            members=self._members(reply, room),
            read_seq=info.read_seq,
            unread=info.unread,
            mentions=info.mentions,
        )

    def exit(self, reply: m.Reply, device: Device, name: str) -> m.Reply:
        room, key = self._room_of(device, name), key_of(name)
        if key == "general":
            raise Refusal(Code.CANNOT_EXIT_GENERAL)
        self._broadcast(key, m.Left(room.name, device.person.name))
        del room.members[device.person.key]
        if room.owner == device.person.name:
            self._transfer(key, room)
            if room.owner:
                self._audit_entries += 1
                entry = m.AuditEntry(
                    self._audit_entries, rfc3339(self.now), device.person.name, "exit", room.owner
                )
                self._broadcast(key, m.Audited(room.name, entry))
        return m.Ok(re=_re(reply))

    def members(self, reply: m.Reply, device: Device, name: str, after: str) -> m.Reply:
        room = self._room_of(device, name)
        page = self._members(reply, room, key_of(after))
        return m.MemberPage(re=_re(reply), room=room.name, members=page)

    # --- messages

    def post(self, reply: m.Reply, device: Device, request: m.Post) -> m.Reply:
        _check_text(request.text)
        author = device.person
        stored = self._nonces.get((author.key, request.nonce))
        if stored is None:
            stored = self._publish(self._room_of(device, request.room), author, request)
        return m.Accepted(re=_re(reply), room=stored.room, seq=stored.seq, at=stored.at)

    def history(self, reply: m.Reply, device: Device, request: m.History) -> m.Reply:
        room = self._room_of(device, request.room)
        if request.after is not None:
            wanted = [posted for posted in room.messages if posted.seq > request.after]
            page = wanted[: request.limit]
        else:
            end = request.before if request.before is not None else len(room.messages) + 1
            wanted = [posted for posted in room.messages if posted.seq < end]
            page = wanted[-request.limit :]
        lines = [
            m.Line(*(posted.seq, posted.author, posted.text, posted.at), mentions=posted.mentions)
            for posted in page
        ]
        more = len(page) < len(wanted)
        return m.Page(re=_re(reply), room=room.name, messages=lines, more=more)

    # --- without a request

    def disconnect(self, device: Device) -> None:
        """End the connection of `device`."""
        self.devices.remove(device)

    def restart(self) -> None:
        """End all connections."""
        self.devices.clear()

    # --- parts

    def seen(self) -> dict[str, int]:
        """Return the number of the last message of every room."""
        return {key: len(room.messages) for key, room in self.rooms.items()}

    def time_of(self, key: str, seq: int) -> str:
        """Return the time of a message; empty if there is none."""
        room = self.rooms.get(key)
        return room.messages[seq - 1].at if room and 0 < seq <= len(room.messages) else ""

    def rooms_of(self, person: Person) -> list[tuple[str, Room]]:
        return [(key, room) for key, room in self.rooms.items() if person.key in room.members]

    def _find_token(self, text: str) -> tuple[Person, Token]:
        for person in self.people.values():
            for token in person.tokens:
                if token.text == text:
                    return person, token
        raise Refusal(Code.BAD_TOKEN)

    def _add_token(self, reply: m.Reply, person: Person) -> Token:
        token = Token(getattr(reply, "token", ""), self.now, self.now)
        person.tokens.append(token)
        self._revoke(person, person.tokens[:-DEVICES], TOO_MANY_DEVICES)
        return token

    def _welcome(self, reply: m.Reply, peer: Peer, person: Person, token: Token) -> m.Reply:
        online = list(self._devices_of(person))
        if len(online) >= DEVICES:
            self._disconnect(online[0], TOO_MANY_DEVICES)
        self.devices.append(Device(peer, person, token))
        rooms = [self._info(room, person) for _, room in self.rooms_of(person)]
        return m.Welcome(re=_re(reply), account=person.name, token=token.text, rooms=rooms)

    def _revoke(self, person: Person, tokens: list[Token], reason: str) -> None:
        person.tokens = [token for token in person.tokens if token not in tokens]
        for device in list(self._devices_of(person)):
            if device.token in tokens:
                self._disconnect(device, reason)

    def _disconnect(self, device: Device, reason: str) -> None:
        device.due.append(m.Bye(reason))
        self.devices.remove(device)
        self.disconnected.append(device)

    def _transfer(self, key: str, room: Room) -> None:
        """Make the oldest member the owner, or nobody if there is none."""
        successor = next(iter(room.members), None)
        room.owner = self.people[successor].name if successor else ""
        self._broadcast(key, m.Changed(room.name, "", room.owner))

    def _info(self, room: Room, person: Person) -> m.RoomInfo:
        read = room.members[person.key]
        unread = [posted for posted in room.messages[read:] if posted.author != person.name]
        mentions = [p for p in unread if person.key in self._mentions.get((room.name, p.seq), ())]
        last_seq = len(room.messages)
        return m.RoomInfo(room.name, room.owner, last_seq, read, len(unread), len(mentions))

    def _devices_of(self, person: Person) -> Iterator[Device]:
        return (device for device in self.devices if device.person is person)

    def _authenticate(self, person: Person, password: str) -> None:
        if not self._attempt(person.password == password, "account", person.key):
            raise Refusal(Code.WRONG_CREDENTIALS)

    def _attempt(self, right: bool, *key: str) -> bool:
        """Count an attempt, or raise `Refusal` if it is not verified."""
        wrong, at = self._throttle.get(key, (0, 0))
        elapsed = self.now - at
        wrong = 0 if elapsed >= _DAY else wrong
        if wrong >= _FREE_ATTEMPTS:
            wait = min(2_000 * 2 ** (wrong - _FREE_ATTEMPTS), _LONGEST_WAIT)
            if elapsed < wait:
                raise Refusal(Code.TOO_FAST)
        self._throttle[key] = (0, 0) if right else (wrong + 1, self.now)
        return right

    def _room_of(self, device: Device, name: str) -> Room:
        room = self.rooms.get(key_of(name))
        if room is None or device.person.key not in room.members:
            raise Refusal(Code.NOT_A_MEMBER)
        return room

    def _check_not_full(self, person: Person) -> None:
        if len(self.rooms_of(person)) > ROOMS:
            raise Refusal(Code.FORBIDDEN)

    def _add_member(self, key: str, person: Person) -> None:
        self.rooms[key].members[person.key] = len(self.rooms[key].messages)
        self._broadcast(key, m.Entered(self.rooms[key].name, person.name))

    def _members(self, reply: m.Reply, room: Room, after: str = "") -> list[m.Member]:
        """Take `seen` from the reply: a restart may lose when someone was last online."""
        seen = {member.name: member.seen for member in getattr(reply, "members", ())}
        people = [self.people[key] for key in sorted(room.members) if key > after]
        return [self._member(person, seen.get(person.name, "")) for person in people]

    def _member(self, person: Person, seen: str) -> m.Member:
        online = any(self._devices_of(person))
        return m.Member(person.name, online, seen="" if online else seen)

    def _publish(self, room: Room, author: Person, request: m.Post) -> m.Posted:
        seq, at = len(room.messages) + 1, rfc3339(self.now)
        keys = set(mentioned(request.text, room.members)) - {author.key}
        names = sorted(self.people[key].name for key in keys) if "@" in request.text else None
        posted = m.Posted(
            *(room.name, seq, author.name, request.text, at, request.nonce), mentions=names
        )
        room.messages.append(posted)
        self._mentions[room.name, seq] = keys
        self._nonces[author.key, request.nonce] = posted
        self._broadcast(key_of(room.name), posted)
        return posted

    def _broadcast(self, key: str, event: m.Event) -> None:
        for device in self.devices:
            if device.person.key in self.rooms[key].members:
                device.due.append(event)


def _checked(name: str) -> tuple[str, str]:
    if name not in SPELLINGS:
        raise Refusal(Code.BAD_NAME)
    return SPELLINGS[name]


def _check_text(text: str) -> None:
    if len(text) > _LONGEST_TEXT:
        raise Refusal(Code.TOO_LONG)
    controls = set(map(chr, [*range(0x20), *range(0x7F, 0xA0)])) - {"\n", "\t"}
    if not text or controls & set(text):
        raise Refusal(Code.BAD_REQUEST)


def _re(reply: m.Reply) -> int:
    assert reply.re is not None
    return reply.re
