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
from typing import Final, TypeAlias

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
            m.Pong: State.LOGGED_IN,
            m.Error: State.LOGGED_IN,
            m.Posted: State.LOGGED_IN,
            m.Entered: State.LOGGED_IN,
            m.Left: State.LOGGED_IN,
            m.Gap: State.LOGGED_IN,
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
        self.state = State.OPENING
        self._peer: Final = Role.SERVER if role is Role.CLIENT else Role.CLIENT
        self._frames: Final = FrameBuffer()
        self._deaf = False  # since the peer broke the rules

    def receive(self, data: bytes) -> None:
        """Take in bytes from the peer; `next_message` says what they meant."""
        if not self._ended:
            self._frames.receive(data)

    def next_message(self) -> m.Message | None:
        """Return the peer's next message, or None if that needs more bytes.

        Raises Refused for a request that cannot be granted now (answer it and
        go on) and RemoteProtocolError for a peer that cannot be talked to.
        """
        while not self._ended:
            try:
                frame = self._frames.next_frame()
                if frame is None:
                    return None
                message = self._decode(frame)
                if message is not None:
                    self._hear(message)
                    return message
            except RemoteProtocolError:
                self._deaf = True
                raise
        return None

    def send(self, message: m.Message) -> bytes:
        """Return the frame that says `message`.

        Raises LocalProtocolError if that is not ours to say now, too long, or
        holds a lone surrogate, which UTF-8 cannot say.
        """
        following = _NEXT[self.role][self.state].get(type(message))
        if following is None:
            raise LocalProtocolError(f"{self._situation()} cannot send {_type_of(message)}")
        try:
            frame = m.encode(message)
        except UnicodeEncodeError:
            raise LocalProtocolError(f"{_type_of(message)} holds half a character") from None
        if len(frame) > MAX_FRAME:
            raise LocalProtocolError(f"{_type_of(message)} would be {len(frame):,} bytes long")
        self.state = following
        return frame

    @property
    def _ended(self) -> bool:
        return self._deaf or self.state is State.CLOSED

    def _decode(self, frame: bytes) -> m.Message | None:
        if self.role is Role.SERVER:
            return m.decode_request(frame)
        return m.decode_answer(frame)

    def _hear(self, message: m.Message) -> None:
        following = _NEXT[self._peer][self.state].get(type(message))
        if following is not None:
            self.state = following
        elif self.role is Role.SERVER:
            raise _refusal(message, self.state)
        else:
            raise RemoteProtocolError(
                f"The server sent {_type_of(message)} while {self.state.name}."
            )

    def _situation(self) -> str:
        return f"a {self.role.name.lower()} that is {self.state.name}"


def _refusal(request: m.Message, state: State) -> Refused:
    number = getattr(request, "id", None)
    if state is State.LOGGED_IN and isinstance(request, _LOG_IN_REQUESTS):
        return Refused(Code.ALREADY_LOGGED_IN, "You are logged in already.", re=number)
    return Refused(Code.NOT_LOGGED_IN, "Log in first: register, login or resume.", re=number)


def _type_of(message: m.Message) -> str:
    return str(message.__struct_config__.tag)
