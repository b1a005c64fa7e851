"""What the parts of the client tell each other, as Textual messages.

Widgets and screens say what somebody wants; the link says what the server
said. Grouped by who speaks.
"""

from dataclasses import dataclass
from typing import TypeAlias

from textual.message import Message

from chat_shared import messages as m
from chat_tui.address import Address, Invitation, Place
from chat_tui.completion import Completion
from chat_tui.ending import Strangeness
from chat_tui.intent import Intent
from chat_tui.notifications import Level
from chat_tui.slash import Meaning

LogIn: TypeAlias = m.Login | m.Register | m.Resume  # the ways to begin a conversation

# --- the link speaks; the app listens -------------------------------------------------


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
class ServerIsStrange(Message):
    """The server has another fingerprint than before; the way to it has been given up."""

    address: Address
    strangeness: Strangeness


@dataclass
class LineLost(Message):
    """The server is out of reach; it is tried again in `wait` seconds."""

    reason: str
    wait: float
    attempt: int  # 1 for the first


@dataclass
class Connecting(Message):
    """The wait is over: the server is tried now."""

    attempt: int


@dataclass
class SentAway(Message):
    """The session is of no use any more: log in again."""

    sentence: str
    void: bool = True  # the token is worth nothing, so forget it


@dataclass
class LatencyMeasured(Message):
    """How long the server took to answer a ping."""

    seconds: float


# --- the app speaks; its screens listen ------------------------------------------------


@dataclass
class Answered(Message, bubble=False):
    """For the dialog that asked: compare `request` with what was asked for."""

    request: m.Request
    reply: m.Reply | None


# --- screens speak; the app listens ---------------------------------------------------


@dataclass
class LogInRequested(Message):
    to: Invitation
    request: LogIn
    keep: bool = False  # stay signed in: the next start asks for no password


@dataclass
class GoRequested(Message):
    """Leave this server, and follow an invitation to another one."""

    to: Invitation


@dataclass
class AskRequested(Message):
    """Send this request; the reply comes back as `Answered`."""

    request: m.Request


@dataclass
class PostRequested(Message):
    room: str
    text: str
    reply: int = 0  # the message it answers, 0 for none


@dataclass
class LevelsChosen(Message):
    """Of which rooms somebody wants to be told what; to be remembered."""

    levels: dict[str, Level]


# --- widgets speak; their screen listens ----------------------------------------------


@dataclass
class LineSubmitted(Message):
    """Enter was pressed, and the line is out of the composer: this is what it means."""

    meaning: Meaning
    intent: Intent | None = None  # what it is besides, where something is said


@dataclass
class LineRefused(Message):
    """Enter was pressed, and the line stays in the composer: this is why."""

    sentence: str


@dataclass
class PasteOffered(Message):
    """Many lines were pasted at once; they wait for a yes."""

    text: str


@dataclass
class EditLastRequested(Message):
    """Up was pressed in an empty composer: is there something to take back, or to edit?"""


@dataclass
class EditorRequested(Message):
    """What is being written is to be written in another editor."""


@dataclass
class CompletionChanged(Message):
    """The word being typed may become this, or nothing else; choice `at` stands in the text."""

    completion: Completion | None
    at: int | None = None


@dataclass
class IntentChanged(Message):
    """What is being written is meant as this from now on."""

    intent: Intent | None


@dataclass
class ExitRequested(Message):
    """The room is to be left, after asking."""


@dataclass
class NewestRequested(Message):
    """The end of the log is wanted."""


@dataclass
class RoomChosen(Message):
    room: str


@dataclass
class MarkUnread(Message):
    """Everything from this message on is to be unread again."""

    room: str
    seq: int


@dataclass
class GoTo(Message):
    """This message is to be shown."""

    room: str
    seq: int


@dataclass
class ComposerWanted(Message):
    """Escape was pressed elsewhere: go on writing."""


@dataclass
class Pasted(Message):
    """This text was pasted into a field, and is in it."""

    text: str
