"""Which message is legal when, and the bytes of both directions.

The rules:

* Everything that decides what may be said is in `_NEXT`. Nothing else in the
  project asks "is this legal now?".
* The conversation has one state, the same at both ends; only the speakers
  differ. So there is one class, and a role says which half of `_NEXT` is ours.
* A client that asks for something at the wrong time is refused and goes on
  (the state does not change). A server that answers at the wrong time is
  broken, and so are we if we try.

Theory of operation: the server speaks first and the conversation opens:

    OPENING --hello--> GREETED --welcome--> LOGGED_IN --bye--> CLOSED

Requests never change the state, only what the server says does. So requests
may be sent ahead of their replies: each is judged when it is its turn, after
the reply to the one before it.
"""

from enum import Enum, auto
from typing import Final, NoReturn, TypeAlias

from chat_shared import messages as m
from chat_shared.errors import (
    Code,
    LocalProtocolError,
    Refused,
    RemoteProtocolError,
)
from chat_shared.framing import FrameBuffer
from chat_shared.limits import MAX_FRAME


class Role(Enum):
    CLIENT = auto()
    SERVER = auto()


class State(Enum):
    OPENING = auto()  # connected; the server has not spoken yet
    GREETED = auto()  # hello was said; nobody has logged in
    LOGGED_IN = auto()
    CLOSED = auto()  # bye was said, or the peer broke the rules


_Table: TypeAlias = dict[type[m.Message], State]

# state × message → state, for each speaker. What is not here is not legal.
_NEXT: Final[dict[Role, dict[State, _Table]]] = {
    Role.CLIENT: {
        State.OPENING: {},
        State.GREETED: {
            m.Register: State.GREETED,
            m.Login: State.GREETED,
            m.Resume: State.GREETED,
            m.Ping: State.GREETED,
        },
        State.LOGGED_IN: {
            m.Post: State.LOGGED_IN,
            m.Create: State.LOGGED_IN,
            m.Join: State.LOGGED_IN,
            m.Exit: State.LOGGED_IN,
            m.History: State.LOGGED_IN,
            m.Members: State.LOGGED_IN,
            m.Ping: State.LOGGED_IN,
            m.Logout: State.LOGGED_IN,
            m.Sessions: State.LOGGED_IN,
            m.Revoke: State.LOGGED_IN,
            m.Password: State.LOGGED_IN,
            m.DeleteAccount: State.LOGGED_IN,
            m.Away: State.LOGGED_IN,
            m.Edit: State.LOGGED_IN,
            m.Delete: State.LOGGED_IN,
            m.React: State.LOGGED_IN,
            m.Direct: State.LOGGED_IN,
            m.Block: State.LOGGED_IN,
            m.Unblock: State.LOGGED_IN,
            m.Blocked: State.LOGGED_IN,
            m.LookUp: State.LOGGED_IN,
            m.Search: State.LOGGED_IN,
            m.Mentions: State.LOGGED_IN,
            m.Read: State.LOGGED_IN,
            m.Watch: State.LOGGED_IN,
            m.Typing: State.LOGGED_IN,
            m.Topic: State.LOGGED_IN,
            m.NewPassword: State.LOGGED_IN,
            m.Invite: State.LOGGED_IN,
            m.Kick: State.LOGGED_IN,
            m.Ban: State.LOGGED_IN,
            m.Unban: State.LOGGED_IN,
            m.Mute: State.LOGGED_IN,
            m.Unmute: State.LOGGED_IN,
            m.HandOver: State.LOGGED_IN,
            m.DeleteRoom: State.LOGGED_IN,
            m.Audit: State.LOGGED_IN,
        },
        State.CLOSED: {},
    },
    Role.SERVER: {
        State.OPENING: {m.Hello: State.GREETED, m.Error: State.OPENING, m.Bye: State.CLOSED},
        State.GREETED: {
            m.Welcome: State.LOGGED_IN,
            m.Pong: State.GREETED,
            m.Error: State.GREETED,
            m.Bye: State.CLOSED,
        },
        State.LOGGED_IN: {
            m.Accepted: State.LOGGED_IN,
            m.Created: State.LOGGED_IN,
            m.Joined: State.LOGGED_IN,
            m.Ok: State.LOGGED_IN,
            m.Page: State.LOGGED_IN,
            m.MemberPage: State.LOGGED_IN,
            m.SessionList: State.LOGGED_IN,
            m.BlockedList: State.LOGGED_IN,
            m.Lines: State.LOGGED_IN,
            m.Found: State.LOGGED_IN,
            m.RoomPassword: State.LOGGED_IN,
            m.RoomInvite: State.LOGGED_IN,
            m.AuditPage: State.LOGGED_IN,
            m.Pong: State.LOGGED_IN,
            m.Error: State.LOGGED_IN,
            m.Posted: State.LOGGED_IN,
            m.Entered: State.LOGGED_IN,
            m.Left: State.LOGGED_IN,
            m.Gap: State.LOGGED_IN,
            m.Edited: State.LOGGED_IN,
            m.Deleted: State.LOGGED_IN,
            m.Reacted: State.LOGGED_IN,
            m.Changed: State.LOGGED_IN,
            m.Audited: State.LOGGED_IN,
            m.ReadTo: State.LOGGED_IN,
            m.Presence: State.LOGGED_IN,
            m.IsTyping: State.LOGGED_IN,
            m.Notice: State.LOGGED_IN,
            m.Bye: State.CLOSED,
        },
        State.CLOSED: {},
    },
}

_LOG_IN_REQUESTS = (m.Register, m.Login, m.Resume)


class Connection:
    """One end of a conversation: bytes in and messages out, messages in and bytes out.

    `send` and `next_message` never wait and never do I/O. After
    RemoteProtocolError nothing more is heard from the peer; a server may
    still tell it why and say goodbye.
    """

    def __init__(self, role: Role) -> None:
        self.role: Final = role
        self._peer: Final = Role.SERVER if role is Role.CLIENT else Role.CLIENT
        self._decode: Final = m.decode_request if role is Role.SERVER else m.decode_answer
        self._frames: Final = FrameBuffer()
        self._deaf = False  # since the peer broke the rules, or one of us said bye
        self._enter(State.OPENING)

    def receive(self, data: bytes) -> None:
        """Take in bytes from the peer; `next_message` says what they meant."""
        if not self._deaf:
            self._frames.receive(data)

    def next_message(self) -> m.Message | None:
        """Return the peer's next message, or None if that needs more bytes.

        Raises Refused for a request that cannot be granted now (answer it and
        go on) and RemoteProtocolError for a peer that cannot be talked to.
        """
        while not self._deaf:
            try:
                frame = self._frames.next_frame()
                if frame is None:
                    return None
                message = self._decode(frame)
            except RemoteProtocolError:
                self._deaf = True
                raise
            if message is not None:
                self._hear(message)
                return message
        return None

    def send(self, message: m.Message) -> bytes:
        """Return the frame that says `message`.

        Raises LocalProtocolError if that is not ours to say now, is too long or
        holds half of a surrogate pair, which UTF-8 has no bytes for.
        """
        following = self._ours.get(type(message))
        if following is None:
            raise LocalProtocolError(f"{self._situation()} cannot send {_type_of(message)}")
        try:
            frame = m.encode(message)
        except UnicodeEncodeError:
            raise LocalProtocolError(f"{_type_of(message)} holds half a character") from None
        if len(frame) > MAX_FRAME:
            raise LocalProtocolError(f"{_type_of(message)} would be {len(frame):,} bytes long")
        if following is not self.state:
            self._enter(following)
        return frame

    def _enter(self, state: State) -> None:
        # The tables of this state are kept at hand: they are asked for every message.
        self.state = state
        self._ours = _NEXT[self.role][state]
        self._theirs = _NEXT[self._peer][state]
        self._deaf = self._deaf or state is State.CLOSED

    def _hear(self, message: m.Message) -> None:
        following = self._theirs.get(type(message))
        if following is None:
            self._object(message)
        elif following is not self.state:
            self._enter(following)

    def _object(self, message: m.Message) -> NoReturn:
        if self.role is Role.SERVER:
            raise _refusal(message, self.state)
        self._deaf = True
        raise RemoteProtocolError(f"The server sent {_type_of(message)} while {self.state.name}.")

    def _situation(self) -> str:
        return f"a {self.role.name.lower()} that is {self.state.name}"


def _refusal(request: m.Message, state: State) -> Refused:
    number = getattr(request, "id", None)
    if state is State.LOGGED_IN and isinstance(request, _LOG_IN_REQUESTS):
        return Refused(Code.ALREADY_LOGGED_IN, "You are logged in already.", re=number)
    return Refused(Code.NOT_LOGGED_IN, "Log in first: register, login or resume.", re=number)


def _type_of(message: m.Message) -> str:
    return str(message.__struct_config__.tag)
