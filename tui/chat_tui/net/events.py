"""What happened on the way to the server, as Textual messages."""

from dataclasses import dataclass
from typing import TypeAlias

from textual.message import Message

from chat_shared import messages as m
from chat_tui.model.address import Address, Place
from chat_tui.net.disconnect import FingerprintMismatch

LogIn: TypeAlias = m.Login | m.Register | m.Resume  # the ways to begin a conversation


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply and what it is the reply to; None where the line was lost before it came."""

    request: m.Request
    reply: m.Reply | None


@dataclass
class Received(Message):
    """What arrived at once, in order; applied together, drawn once."""

    items: tuple[Answer | m.Event, ...]


@dataclass
class LogInFailed(Message):
    """There is no session, and no more trying. `code` is empty where nobody answered."""

    code: str
    sentence: str


@dataclass
class Greeted(Message):
    """A server has answered, and said who may make accounts there: open, invite or closed."""

    registration: str


@dataclass
class LoggedIn(Message):
    """There is a session: the first, or one that goes on after a cut."""

    place: Place
    again: bool


@dataclass
class FirstVisit(Message):
    """Nobody vouches for this server; it is known by this fingerprint from now on."""

    address: Address
    fingerprint: str
    problem: str  # why that could not be remembered, if it could not


@dataclass
class FingerprintChanged(Message):
    """The server has another fingerprint than before; the way to it has been given up."""

    address: Address
    mismatch: FingerprintMismatch


@dataclass
class ConnectionLost(Message):
    """The server is out of reach; it is tried again in `wait` seconds."""

    reason: str
    wait: float
    attempt: int  # 1 for the first


@dataclass
class Connecting(Message):
    """The wait is over: the server is tried now."""

    attempt: int


@dataclass
class SessionEnded(Message):
    """The session is of no use any more: log in again."""

    sentence: str
    void: bool = True  # the token is worth nothing, so forget it


@dataclass
class LatencyMeasured(Message):
    """How long the server took to answer a ping."""

    seconds: float
