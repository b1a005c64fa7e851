"""What the parts of the client tell each other, as Textual messages.

Widgets and screens say what somebody wants; the link says what the server
said. Grouped by who speaks.
"""

from dataclasses import dataclass

from textual.message import Message

from chat_shared import messages as m
from chat_tui.commands.completion import Completion
from chat_tui.model.address import Invitation
from chat_tui.model.draft import Intent
from chat_tui.model.notifications import Level

# --- screens speak; the app listens ---------------------------------------------------


@dataclass
class LogInRequested(Message):
    to: Invitation
    request: m.Login | m.Register | m.Resume
    keep: bool = False  # stay signed in: the next start asks for no password


@dataclass
class GoRequested(Message):
    """Leave this server, and follow an invitation to another one."""

    to: Invitation


@dataclass
class LevelsChosen(Message):
    """Of which rooms somebody wants to be told what; to be remembered."""

    levels: dict[str, Level]


# --- widgets speak; their screen listens ----------------------------------------------


@dataclass
class InputRejected(Message):
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
class ComposerWanted(Message):
    """Escape was pressed elsewhere: go on writing."""


@dataclass
class Pasted(Message):
    """This text was pasted into a field, and is in it."""

    text: str
