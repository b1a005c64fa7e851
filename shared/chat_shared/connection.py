"""Which message is legal when, and the bytes of both directions.

The rules:

* A message class says in which states it is legal and which state follows (`Frame.legal`);
  `_NEXT` is that as a table. Nothing else in the project asks "is this legal now?".
* The connection has one state, the same at both ends; only the senders differ. So there
  is one class, and a role says which half of `_NEXT` is ours.
* A client that sends a request at the wrong time is refused and goes on (the state does
  not change). A server that sends something at the wrong time is broken.

Theory of operation: the server sends first:

    OPENING --hello--> GREETED --welcome--> LOGGED_IN --bye--> CLOSED

Requests never change the state, only what the server sends does. So requests
may be sent before the replies to earlier ones: each is judged when it is its turn, after
the reply to the one before it.
"""

from collections.abc import Iterable
from enum import Enum, auto
from typing import Final, NoReturn, TypeAlias

from chat_shared import messages as m
from chat_shared.errors import (
    Code,
    LocalProtocolError,
    Refused,
    RemoteProtocolError,
)
from chat_shared.frames import State as State
from chat_shared.framing import FrameBuffer
from chat_shared.limits import MAX_FRAME


class Role(Enum):
    CLIENT = auto()
    SERVER = auto()


_Table: TypeAlias = dict[type[m.Message], State]


def _table(messages: Iterable[type[m.Message]], state: State) -> _Table:
    return {cls: cls.legal[state] for cls in messages if state in cls.legal}


# state × message → state, for each role. What is not in it is not legal.
_NEXT: Final[dict[Role, dict[State, _Table]]] = {
    Role.CLIENT: {state: _table(m.REQUESTS, state) for state in State},
    Role.SERVER: {state: _table(m.ANSWERS, state) for state in State},
}


class Connection:
    """One end of a connection: bytes in and messages out, messages in and bytes out.

    `send` and `next_message` never wait and never do I/O. After
    RemoteProtocolError nothing more is read from the peer; a server may
    still send `error` and `bye`.
    """

    def __init__(self, role: Role) -> None:
        self.role: Final = role
        self._peer: Final = Role.SERVER if role is Role.CLIENT else Role.CLIENT
        self._decode: Final = m.decode_request if role is Role.SERVER else m.decode_answer
        self._frames: Final = FrameBuffer()
        self._ended = False  # since the peer broke the rules, or since `bye`
        self._enter(State.OPENING)

    def receive(self, data: bytes) -> None:
        """Add bytes from the peer; `next_message` returns the messages in them."""
        if not self._ended:
            self._frames.receive(data)

    def next_message(self) -> m.Message | None:
        """Return the peer's next message, or None if that needs more bytes.

        Raises Refused for a request that is not legal now (answer it and
        go on) and RemoteProtocolError for a peer that breaks the protocol.
        """
        while not self._ended:
            try:
                frame = self._frames.next_frame()
                if frame is None:
                    return None
                message = self._decode(frame)
            except RemoteProtocolError:
                self._ended = True
                raise
            if message is not None:
                self._check(message)
                return message
        return None

    def send(self, message: m.Message) -> bytes:
        """Return the frame of `message`.

        Raises LocalProtocolError if it is not legal now, is too long or
        contains half of a surrogate pair, which UTF-8 cannot encode.
        """
        following = self._ours.get(type(message))
        if following is None:
            raise LocalProtocolError(f"{self._situation()} cannot send {m.type_of(message)}")
        try:
            frame = m.encode(message)
        except UnicodeEncodeError:
            raise LocalProtocolError(f"{m.type_of(message)} holds half a character") from None
        if len(frame) > MAX_FRAME:
            raise LocalProtocolError(f"{m.type_of(message)} would be {len(frame):,} bytes long")
        if following is not self.state:
            self._enter(following)
        return frame

    def _enter(self, state: State) -> None:
        # Kept for the current state: every message is looked up in these tables.
        self.state = state
        self._ours = _NEXT[self.role][state]
        self._theirs = _NEXT[self._peer][state]
        self._ended = self._ended or state is State.CLOSED

    def _check(self, message: m.Message) -> None:
        following = self._theirs.get(type(message))
        if following is None:
            self._reject(message)
        elif following is not self.state:
            self._enter(following)

    def _reject(self, message: m.Message) -> NoReturn:
        if self.role is Role.SERVER:
            raise _refusal(message, self.state)
        self._ended = True
        raise RemoteProtocolError(f"The server sent {m.type_of(message)} while {self.state.name}.")

    def _situation(self) -> str:
        return f"a {self.role.name.lower()} that is {self.state.name}"


def _refusal(request: m.Message, state: State) -> Refused:
    number = getattr(request, "id", None)
    if state is State.LOGGED_IN:  # what is not legal any more leads there
        return Refused(Code.ALREADY_LOGGED_IN, "You're already logged in.", re=number)
    return Refused(Code.NOT_LOGGED_IN, "Log in first: register, login or resume.", re=number)
