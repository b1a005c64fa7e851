"""The Textual messages that screens and widgets post, grouped by who handles them."""

from dataclasses import dataclass

from textual.message import Message

from chat_shared import messages as m
from chat_tui.commands.completion import Completion
from chat_tui.commands.paths import Alternatives
from chat_tui.model.address import Invitation
from chat_tui.model.draft import Intent
from chat_tui.model.notifications import Level

# --- posted by screens, handled by the app --------------------------------------------


@dataclass
class LogInRequested(Message):
    to: Invitation
    request: m.Login | m.LoginByKey | m.Register | m.RegisterGuest | m.Resume
    keep: bool = False  # stay logged in: the next start asks for no password


@dataclass
class GoRequested(Message):
    """Disconnect from this server and follow an invitation to another one."""

    to: Invitation


@dataclass
class LevelsChosen(Message):
    """The notification levels of rooms changed; the settings remember them."""

    levels: dict[str, Level]


# --- posted by widgets, handled by their screen ---------------------------------------


@dataclass
class InputRejected(Message):
    """A line was not submitted and stays in the composer, for this reason."""

    sentence: str


@dataclass
class PasteOffered(Message):
    """Many lines were pasted at once; they wait for a confirmation."""

    text: str


@dataclass
class PathsPasted(Message):
    """What was pasted, and is in the composer as `text`, may be the paths of files."""

    alternatives: Alternatives
    text: str


@dataclass
class EditLastRequested(Message):
    """Up was pressed in an empty composer, to edit the unsent or last message."""


@dataclass
class EditorRequested(Message):
    """Open the text of the composer in the person's own editor."""


@dataclass
class CompletionChanged(Message):
    """The completions of the word being typed, if any; choice `at` is in the text."""

    completion: Completion | None
    at: int | None = None


@dataclass
class IntentChanged(Message):
    """What is being typed is a reply or an edit from now on, or neither."""

    intent: Intent | None


@dataclass
class ExitRequested(Message):
    """Leave the open room, after a confirmation."""


@dataclass
class NewestRequested(Message):
    """Show the newest message."""


@dataclass
class RoomChosen(Message):
    room: str


@dataclass
class MemberChosen(Message):
    """A member of the open room was chosen, to do something with them."""

    name: str


@dataclass
class ComposerWanted(Message):
    """Escape was pressed elsewhere; the composer is to get the focus."""


@dataclass
class Pasted(Message):
    """This text was pasted into a field, and is in it."""

    text: str
