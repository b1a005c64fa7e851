"""What happens on the connection, as plain data. Says nothing of how it is shown."""

from dataclasses import dataclass
from typing import TypeAlias

from chat_shared import messages as m
from chat_tui.model.address import Address, Place
from chat_tui.net.disconnect import TrustMismatch

LogIn: TypeAlias = m.Login | m.Register | m.Resume  # the requests that begin a session


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply with its request; None where the connection was lost before the reply came."""

    request: m.Request
    reply: m.Reply | None


@dataclass(frozen=True, slots=True)
class Received:
    """What arrived at once, in order; applied together, drawn once."""

    items: tuple[Answer | m.Event, ...]


@dataclass(frozen=True, slots=True)
class LogInFailed:
    """There is no session, and no further attempt. `code` is empty without a server's answer."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Greeted:
    """A server has answered; `registration` is open, invite or closed."""

    registration: str


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """There is a session: a new one, or the same one `again` after a reconnect."""

    place: Place
    again: bool


@dataclass(frozen=True, slots=True)
class NewServer:
    """No authority vouches for this new server; its fingerprint is pinned from now on.

    Without a fingerprint, one does, and only the problem matters.
    """

    address: Address
    fingerprint: str
    problem: str  # why it could not be saved how the server is known, if so


@dataclass(frozen=True, slots=True)
class FingerprintChanged:
    """The server is not what it is known to be; the client has stopped connecting."""

    address: Address
    mismatch: TrustMismatch


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The server cannot be reached; the next attempt is in `wait` seconds."""

    reason: str
    wait: float
    attempt: int  # 1 for the first


@dataclass(frozen=True, slots=True)
class Connecting:
    """The wait is over: the client connects now."""

    attempt: int


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """The session has ended: log in again."""

    sentence: str
    token_revoked: bool = True  # the token is of no use any more, so forget it
    requested: bool = False  # by a log-out or a deletion of the account on this client


@dataclass(frozen=True, slots=True)
class LatencyMeasured:
    """How long the server took to answer a ping."""

    seconds: float


ConnectionEvent: TypeAlias = (
    LogInFailed
    | Greeted
    | LoggedIn
    | NewServer
    | FingerprintChanged
    | ConnectionLost
    | Connecting
    | SessionEnded
    | LatencyMeasured
)
ClientEvent: TypeAlias = Received | ConnectionEvent
