"""A chat server in memory: it keeps the protocol's promises without disk, clock or network.

Tests connect to it with `FakeClient`, or over TCP with `tui_server`. On request,
it misbehaves in the ways that real servers and networks do.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.limits import GENERAL, MAX_GAP, MAX_PAGE
from chat_shared.names import check_name, check_password, fold
from chat_tui.net.events import LogIn
from support import fake_files, fake_guests, fake_preferences, fake_requests, fake_ssh_keys
from support.fake_files import FakeFiles
from support.fake_requests import Extras, use_invite
from support.mentions import mentioned

AT = "2026-11-22T09:30:00.000Z"


@dataclass
class FakeRoom:
    name: str
    password: str = ""
    owner: str = ""
    topic: str = ""
    lines: list[m.Line] = field(default_factory=list)
    nonces: dict[tuple[str, str], int] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)  # folded name: name
    read: dict[str, int] = field(
        default_factory=dict
    )  # folded name: seq; without an entry, everything
    mutes: dict[str, str] = field(default_factory=dict)  # folded name: until when, or nothing

    @property
    def last_seq(self) -> int:
        return len(self.lines)

    def info(self, account: str) -> m.RoomInfo:
        """Return the room as it is described to `account`."""
        read = self.read.get(fold(account), self.last_seq)
        behind = (line for line in self.lines[read:] if not line.change)
        others = [line for line in behind if fold(line.author) != fold(account)]
        mentions = sum(account in (line.mentions or ()) for line in others)
        peers = [name for folded, name in self.members.items() if folded != fold(account)]
        peer = peers[0] if self.name.startswith("@") else ""
        return m.RoomInfo(self.name, self.owner, self.last_seq, read, len(others), mentions, peer)


class FakeServer:
    """Accounts, rooms, and the sessions that are logged in."""

    def __init__(self, registration: str = "open") -> None:
        self.registration = registration
        self.nodes: tuple[str, ...] = ()  # in hello
        self.accounts: dict[str, tuple[str, str]] = {}  # folded name: name and password
        self.rooms = {GENERAL: FakeRoom(GENERAL)}
        self.sessions: list[FakeSession] = []
        self.away: dict[str, str] = {}  # folded name: away message
        self.tokens: dict[str, str] = {}
        self.clients: dict[str, str] = {}  # what the device of a token calls itself
        self.issued = 0  # tokens so far
        self.ssh_keys: dict[str, list[m.SshKeyInfo]] = {}  # by folded account
        self.preferences: dict[str, dict[str, str]] = {}  # likewise
        self.invitations: set[str] = set()
        self.requests: list[m.Request] = []  # everything received, in order
        self.next_password = "k7qm-2vxh-9rtd"
        self.page_size = 200
        self.extras = Extras()
        self.files = FakeFiles()
        # Misbehaviour: each entry is used up by one post, or one log-in.
        self.refusals: list[m.Error] = []
        self.log_in_refusals: list[m.Error] = []
        self.swallowed_answers = 0  # posts that are stored and never acknowledged
        self.silent = False  # nothing is answered, as on a dead connection
        self.is_slow = False  # requests wait for `answer_all`, as on a slow connection
        self.unknown: set[type[m.Request]] = set()  # as for an older server
        self._unanswered: list[tuple[FakeSession, m.Request]] = []

    # --- for tests

    def account(self, name: str, password: str = "correct horse") -> None:
        self.accounts[fold(name)] = (name, password)
        self.rooms[GENERAL].members[fold(name)] = name

    def room(self, name: str, password: str = "k7qm-2vxh-9rtd", *members: str) -> FakeRoom:
        room = self.rooms[name] = FakeRoom(name, password)
        room.members |= {fold(member): member for member in members}
        return room

    def post(
        self,
        room: str,
        author: str,
        text: str,
        nonce: str = "",
        at: str = AT,
        reply: int = 0,
        files: tuple[m.File, ...] = (),
    ) -> m.Line:
        """Post as `author`, and broadcast the message."""
        stored = self.rooms[room]
        keys = [key for key in mentioned(text, stored.members) if key != fold(author)]
        mentions = [stored.members[key] for key in keys] if "@" in text else None
        line = m.Line(stored.last_seq + 1, author, text, at, reply, mentions=mentions, files=files)
        stored.lines.append(line)
        if nonce:
            stored.nonces[fold(author), nonce] = line.seq
        self.broadcast(
            room,
            m.Posted(
                *(room, line.seq, author, text, at, nonce, reply), mentions=mentions, files=files
            ),
        )
        return line

    def edit(self, room: str, author: str, of: int, text: str, nonce: str = "") -> int:
        """Edit a message, and broadcast that; return the number of the change."""
        stored = self.rooms[room]
        stored.lines[of - 1] = msgspec.structs.replace(stored.lines[of - 1], text=text, edited=AT)
        seq = stored.last_seq + 1
        stored.lines.append(m.Line(seq, author, "", AT, change="edit", of=of))
        self.broadcast(room, m.Edited(room, seq, of, author, AT, text, nonce))
        return seq

    def broadcast(self, room: str, event: m.Event) -> None:
        """Send `event` to every member of `room` who is online."""
        for session in list(self.sessions):
            if fold(session.account) in self.rooms[room].members:
                session.send(event)

    def wait_to_answer(self, session: "FakeSession", request: m.Request) -> None:
        self._unanswered.append((session, request))

    def answer_all(self) -> None:
        """Answer, in order, what waits while the server is slow."""
        unanswered, self._unanswered = self._unanswered, []
        for session, request in unanswered:
            session.answer(request)

    def posts(self) -> list[m.Post]:
        return [request for request in self.requests if isinstance(request, m.Post)]

    def connect(self, send: Callable[[m.Message], object]) -> "FakeSession":
        """Return a new session, to which hello has been sent."""
        session = FakeSession(self, send)
        max_file = self.files.max_file
        session.send(m.Hello(1, "test server", "0", self.registration, self.nodes, max_file))
        return session


class FakeSession:
    """One connection to the server."""

    def __init__(self, fake: FakeServer, send: Callable[[m.Message], object]) -> None:
        self.fake = fake
        self.send = send
        self.account = ""
        self.token = ""

    def leave(self) -> None:
        if self in self.fake.sessions:
            self.fake.sessions.remove(self)

    def receive(self, request: m.Request) -> None:
        """Handle `request` and reply to it."""
        self.fake.requests.append(request)
        if self.fake.silent:
            return
        if self.fake.is_slow:
            self.fake.wait_to_answer(self, request)
        else:
            self.answer(request)

    def answer(self, request: m.Request) -> None:
        """Reply to `request`."""
        try:
            self._answer(request)
        except Refused as refusal:
            self.send(
                m.Error(refusal.code, refusal.message, request.id, retry_after=refusal.retry_after)
            )

    def _answer(self, request: m.Request) -> None:
        handlers: dict[type[m.Request], Callable[..., object]] = {
            m.Register: self._log_in,
            m.RegisterGuest: self._log_in,
            m.Login: self._log_in,
            m.LoginByKey: self._log_in,
            m.Resume: self._log_in,
            m.Post: self._post,
            m.Edit: self._edit,
            m.Create: self._create,
            m.Join: self._join,
            m.Exit: self._exit,
            m.History: self._history,
            m.Members: self._list_members,
            m.LookUp: self._look_up,
            m.Read: self._read,
            m.Watch: self._watch,
            m.Typing: self._type,
            m.Away: self._go_away,
            m.Ping: self._ping,
            m.Logout: self._log_out,
            m.Sessions: self._list_sessions,
            m.Revoke: self._revoke,
            m.Password: self._change_password,
            m.DeleteAccount: self._delete_account,
        }
        if type(request) in self.fake.unknown:
            raise Refused(Code.BAD_REQUEST, "No such `type`.")
        handlers_of_subjects = (
            fake_requests.HANDLERS
            | fake_ssh_keys.HANDLERS
            | fake_preferences.HANDLERS
            | fake_guests.HANDLERS
            | fake_files.HANDLERS
        )
        if type(request) in handlers_of_subjects:
            handlers_of_subjects[type(request)](self, request)
        else:
            handlers[type(request)](request)

    # --- log-in

    def _log_in(self, request: LogIn) -> None:
        fake = self.fake
        if fake.log_in_refusals:
            refusal = fake.log_in_refusals.pop(0)
            raise Refused(Code(refusal.code), refusal.message, retry_after=refusal.retry_after)
        self.account = self._authenticated(request)
        fake.sessions.append(self)
        self.token = token = self._token_for(request)
        fake.tokens[token] = self.account
        rooms = [room for room in fake.rooms.values() if fold(self.account) in room.members]
        infos = [room.info(self.account) for room in rooms]
        about = fake.away.get(fold(self.account), ""), fake_guests.until(self)
        self.send(m.Welcome(self.account, token, infos, *about, re=request.id))
        for room in rooms:
            if fold(self.account) in room.mutes:
                self.send(m.IsMuted(room.name, room.mutes[fold(self.account)]))
        if isinstance(request, m.Resume):
            for room in rooms:
                seen = request.seen.get(room.name, room.last_seq)
                self._replay(room, seen, request.at.get(room.name, ""))

    def _authenticated(self, request: LogIn) -> str:
        """Return the account's name."""
        match request:
            case m.Register():
                self._register(request)
                return request.name
            case m.RegisterGuest():
                return fake_guests.register(self, request)
            case m.Login():
                return self._checked(request)
            case m.LoginByKey():
                if not self.fake.ssh_keys.get(fold(request.name)):
                    raise Refused(Code.WRONG_CREDENTIALS, "This key doesn't log in.")
                return self.fake.accounts[fold(request.name)][0]
            case m.Resume():
                if request.token not in self.fake.tokens:
                    raise Refused(Code.BAD_TOKEN, "This session has ended. Log in again.")
                return self.fake.tokens[request.token]

    def _token_for(self, request: LogIn) -> str:
        if isinstance(request, m.Resume):
            return request.token
        self.fake.issued += 1
        return f"token-{self.fake.issued}-{self.account}"

    def _register(self, request: m.Register) -> None:
        room = use_invite(self, request.invite)
        needed = self.fake.registration != "open" or request.invite
        if needed and not room and request.invite not in self.fake.invitations:
            raise Refused(Code.REGISTRATION_CLOSED, "This invitation is not valid.")
        if fold(request.name) in self.fake.accounts:
            raise Refused(Code.NAME_TAKEN, "This name is taken already.")
        check_name(request.name)
        check_password(request.password)
        self.fake.account(request.name, request.password)
        if room:
            self.fake.rooms[room].members[fold(request.name)] = request.name

    def _checked(self, request: m.Login) -> str:
        known = self.fake.accounts.get(fold(request.name))
        if known is None and self.fake.registration == "open":
            raise Refused(Code.UNKNOWN_ACCOUNT, "There is no account with this name.")
        if known is None or known[1] != request.password:
            raise Refused(Code.WRONG_CREDENTIALS, "The name or the password is wrong.")
        return known[0]

    def _replay(self, room: FakeRoom, seen: int, at: str) -> None:
        if at and 0 < seen <= room.last_seq and room.lines[seen - 1].at != at:
            info = room.info(self.account)
            counts = info.read_seq, info.unread, info.mentions
            self.send(m.Restored(room.name, room.last_seq, *counts))
            return
        missed = room.lines[seen:]
        if len(missed) > MAX_GAP:
            self.send(m.Gap(room.name, seen, room.last_seq + 1))
            return
        nonces = {seq: nonce for (_, nonce), seq in room.nonces.items()}
        for line in missed:
            nonce = nonces.get(line.seq, "")
            self.send(
                m.Posted(
                    *(room.name, line.seq, line.author, line.text, line.at, nonce, line.reply),
                    mentions=line.mentions,
                    files=line.files,
                )
            )

    # --- messages and rooms

    def _edit(self, request: m.Edit) -> None:
        room = self.room(request.room)
        seq = self.fake.edit(room.name, self.account, request.of, request.text, request.nonce)
        self.send(m.Accepted(re=request.id, room=room.name, seq=seq, at=AT))

    def _post(self, request: m.Post) -> None:
        fake, room = self.fake, self.room(request.room)
        if fake.refusals:
            refusal = fake.refusals.pop(0)
            self.send(
                m.Error(refusal.code, refusal.message, request.id, retry_after=refusal.retry_after)
            )
            return
        seq = room.nonces.get((fold(self.account), request.nonce))
        if seq is None:
            message = self.account, request.text, request.nonce
            files = fake.files.attach(request)
            seq = fake.post(room.name, *message, reply=request.reply, files=files).seq
        if fake.swallowed_answers:
            fake.swallowed_answers -= 1
            return
        self.send(m.Accepted(re=request.id, room=room.name, seq=seq, at=AT))

    def _create(self, request: m.Create) -> None:
        name = check_name(request.room)
        if any(fold(room) == fold(name) for room in self.fake.rooms):
            raise Refused(Code.ROOM_EXISTS, f"There is a room called {name} already.")
        room = self.fake.room(name, self.fake.next_password, self.account)
        room.owner = self.account
        self.fake.broadcast(name, m.Entered(name, self.account))
        self.send(m.Created(re=request.id, room=name, password=room.password))

    def _join(self, request: m.Join) -> None:
        invited = use_invite(self, request.password)
        room = self.fake.rooms.get(request.room or invited)
        inside = room is not None and fold(self.account) in room.members
        if room is None or not (inside or invited or room.password == request.password):
            raise Refused(Code.WRONG_ROOM_OR_PASSWORD, "There is no such room, or not with this.")
        if not inside:
            room.members[fold(self.account)] = self.account
            self.fake.broadcast(room.name, m.Entered(room.name, self.account))
        self.send_joined(request, room)

    def send_joined(self, request: m.Request, room: FakeRoom) -> None:
        """Reply with the state of `room`."""
        info = room.info(self.account)
        members, more = self._members(room.name)
        self.send(
            m.Joined(
                re=request.id,
                room=room.name,
                topic=room.topic,
                owner=room.owner,
                last_seq=room.last_seq,
                members=members,
                more=more,
                read_seq=info.read_seq,
                unread=info.unread,
                mentions=info.mentions,
                peer=info.peer,
                muted=fold(self.account) in room.mutes,
                muted_until=room.mutes.get(fold(self.account), ""),
            )
        )

    def _exit(self, request: m.Exit) -> None:
        room = self.room(request.room)
        if room.name == GENERAL:
            raise Refused(Code.CANNOT_EXIT_GENERAL, "Nobody leaves general.")
        self.fake.broadcast(room.name, m.Left(room.name, self.account))
        del room.members[fold(self.account)]
        self.send(m.Ok(re=request.id))

    def _history(self, request: m.History) -> None:
        room = self.room(request.room)
        limit = min(request.limit, self.fake.page_size)
        if request.after is not None:
            found = [line for line in room.lines if line.seq > request.after]
            page, more = found[:limit], len(found) > limit
        else:
            before = request.before if request.before is not None else room.last_seq + 1
            found = [line for line in room.lines if line.seq < before]
            page, more = found[-limit:], len(found) > limit
        self.send(m.Page(re=request.id, room=room.name, messages=page, more=more))

    def _look_up(self, request: m.LookUp) -> None:
        lines = [line for line in self.room(request.room).lines if line.seq in request.seqs]
        self.send(m.Lines(re=request.id, room=request.room, messages=lines))

    # --- reading and presence

    def _read(self, request: m.Read) -> None:
        room = self.room(request.room)
        room.read[fold(self.account)] = request.seq
        info = room.info(self.account)
        for session in self.fake.sessions:
            if fold(session.account) == fold(self.account) and session is not self:
                session.send(m.ReadTo(room.name, info.read_seq, info.unread, info.mentions))
        self.send(m.Ok(re=request.id))

    def _watch(self, request: m.Watch) -> None:
        if request.room:
            self.send_joined(request, self.room(request.room))
        else:
            self.send(m.Ok(re=request.id))

    def _type(self, request: m.Typing) -> None:
        self.room(request.room)
        self.send(m.Ok(re=request.id))

    def _go_away(self, request: m.Away) -> None:
        self.fake.away[fold(self.account)] = request.text
        self.send(m.Ok(re=request.id))

    def _ping(self, request: m.Ping) -> None:
        self.send(m.Pong(re=request.id))

    # --- the account

    def _log_out(self, request: m.Logout) -> None:
        del self.fake.tokens[self.token]
        self.send(m.Ok(re=request.id))

    def _list_sessions(self, request: m.Sessions) -> None:
        sessions = [
            m.SessionInfo(token, AT, AT, token == self.token, self.fake.clients.get(token, ""))
            for token in reversed(self._tokens())
        ]
        self.send(m.SessionList(re=request.id, sessions=sessions))

    def _revoke(self, request: m.Revoke) -> None:
        others = [token for token in self._tokens() if token != self.token]
        for token in [request.session] if request.session else others:
            if self.fake.tokens.pop(token, None) is None:
                raise Refused(Code.FORBIDDEN, "You have no such session.")
        self.send(m.Ok(re=request.id))

    def _change_password(self, request: m.Password) -> None:
        self._check(request.old)
        check_password(request.new)
        self.fake.accounts[fold(self.account)] = (self.account, request.new)
        for token in self._tokens():
            del self.fake.tokens[token]
        self.token = request.token
        self.fake.tokens[self.token] = self.account
        self.send(m.Ok(re=request.id, token=self.token))

    def _delete_account(self, request: m.DeleteAccount) -> None:
        self._check(request.password)
        del self.fake.accounts[fold(self.account)]
        self.send(m.Ok(re=request.id))

    def _check(self, password: str) -> None:
        if self.fake.accounts[fold(self.account)][1] != password:
            raise Refused(Code.WRONG_CREDENTIALS, "The password is wrong.")

    def _tokens(self) -> list[str]:
        return [token for token, account in self.fake.tokens.items() if account == self.account]

    # --- members

    def _list_members(self, request: m.Members) -> None:
        members, more = self._members(request.room, fold(request.after))
        self.send(m.MemberPage(re=request.id, room=request.room, members=members, more=more))

    def room(self, name: str) -> FakeRoom:
        room = self.fake.rooms.get(name)
        if room is None:
            raise Refused(Code.NO_SUCH_ROOM, "There is no such room.")
        if fold(self.account) not in room.members:
            raise Refused(Code.NOT_A_MEMBER, f"You're not in {name}.")
        return room

    def _members(self, room: str, after: str = "") -> tuple[list[m.Member], bool]:
        """Return the page of members after a folded name, and whether there are more."""
        online = {fold(session.account) for session in self.fake.sessions}
        members = [
            m.Member(name, folded in online, self.fake.away.get(folded, ""))
            for folded, name in sorted(self.fake.rooms[room].members.items())
            if folded > after
        ]
        return members[:MAX_PAGE], len(members) > MAX_PAGE
