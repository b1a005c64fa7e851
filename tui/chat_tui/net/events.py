"""What happens on the connection, as plain data. Says nothing of how it is shown."""

from dataclasses import dataclass
from typing import TypeAlias

from chat_shared import messages as m
from chat_tui.model.address import Address, Place
from chat_tui.net.disconnect import TrustMismatch

LogIn: TypeAlias = (
    m.Login | m.LoginByKey | m.Register | m.RegisterGuest | m.Resume
)  # the requests that begin a session


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
    max_file: int = 0  # bytes of a file; 0 where the server takes none


@dataclass(frozen=True, slots=True)
class TrustNotSaved:
    """It could not be saved how the server is known, for the reason that `sentence` says."""

    sentence: str


@dataclass(frozen=True, slots=True)
class TrustNeeded:
    """The server is not known, or not what it is known to be. There is no further attempt.

    Told in place of `LogInFailed`, or after `SessionEnded`.
    """

    address: Address
    mismatch: TrustMismatch

    @property
    def sentence(self) -> str:
        return f"{self.mismatch.sentence(self.address)} Nothing was sent."


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
    | TrustNotSaved
    | TrustNeeded
    | ConnectionLost
    | Connecting
    | SessionEnded
    | LatencyMeasured
)
ClientEvent: TypeAlias = Received | ConnectionEvent
