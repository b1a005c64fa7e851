"""What passes between the front of the gateway, which people connect to, and its workers.

Each connection has a socket pair of its own, so bytes of one never wait for those of another.
A frame is its kind (one byte), its length (four, big-endian) and its data.
"""

import asyncio
import hashlib
import struct
from enum import IntEnum
from typing import Annotated, Final, Literal, NamedTuple, TypeAlias

import msgspec

from chat_shared.limits import MAX_FILES

Via: TypeAlias = Literal["ssh", "web"]
View: TypeAlias = Literal["screen", "plain", "send"]

# Bytes of one frame's data. Input and output are cut into pieces of at most this size.
MAX_DATA: Final = 64 * 1024

# Seconds for which a client is kept whose person was cut off.
KEPT_FOR: Final = 600.0

# Files that a page names at once: one more than a message can have, for the client to say so.
MAX_CHOSEN: Final = MAX_FILES + 1

NUMBER: Final = 4  # bytes

_HEAD: Final = struct.Struct("!BI")


class Kind(IntEnum):
    """What a frame is about. The first five and the last two go to a worker, the others come."""

    OPEN = 1  # an Opening as JSON; always the first frame
    INPUT = 2  # bytes typed; without a terminal, only after WANTED
    INPUT_ENDED = 3  # nothing more is typed
    RESIZE = 4  # a Size as JSON
    QUIT = 5  # the client must end: nobody will come back to it
    OUTPUT = 6  # bytes to show; without a terminal, lines of UTF-8 that end with "\n"
    LOGGED_IN = 7  # the account's name
    PROMPT = 8  # a Prompt as JSON, without a terminal; its answer is the next line of INPUT
    WANTED = 9  # the client has read what was typed: INPUT may go on
    EXIT = 10  # an Exit as JSON; always the last frame
    FOR_PAGE = 11  # a ForPage as JSON
    CHOSEN = 12  # a Chosen as JSON
    ANSWER = 13  # the number of a Question (NUMBER bytes, big-endian) and the page's answer to it


Cells: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


class Size(msgspec.Struct, frozen=True):
    """The size of a terminal in cells."""

    columns: Cells
    lines: Cells
    cell: tuple[Cells, Cells] = (0, 0)
    """The width and height of a cell in pixels, as far as the terminal says."""


class Prompt(msgspec.Struct, frozen=True):
    """What somebody without a terminal should type next."""

    text: str
    is_secret: bool = False
    """The answer should not be shown."""
    is_question: bool = True
    """An answer is needed to go on; otherwise the text names the open room."""


class PassedFile(msgspec.Struct, frozen=True, tag="save"):
    """A file of the gateway's user, which the page in the browser saves, and then is removed."""

    path: str
    name: str
    """Under which people know it."""


class Choose(msgspec.Struct, frozen=True, tag="choose"):
    """The page should let the person choose files to send."""

    caption: str
    """What it returns with them."""


class Question(msgspec.Struct, frozen=True, tag="read"):
    """What a client wants of a file that was chosen in the page; nothing answers that it can't."""

    number: int
    file: str
    """The id that the page has given it."""
    at: int = 0
    limit: int = 0
    """Bytes; 0 asks for the SHA-256 of the whole file."""

    @property
    def longest_answer(self) -> int:
        """In bytes."""
        return self.limit or hashlib.sha256().digest_size


ForPage: TypeAlias = PassedFile | Choose | Question


class ChosenFile(msgspec.Struct, frozen=True):
    """A file that somebody has chosen in the page, and that stays there until it is read."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    name: str
    size: Annotated[int, msgspec.Meta(ge=0)]


class Chosen(msgspec.Struct, frozen=True):
    """Files that somebody has chosen in the page."""

    files: Annotated[tuple[ChosenFile, ...], msgspec.Meta(min_length=1, max_length=MAX_CHOSEN)]
    caption: str = ""


class Exit(msgspec.Struct, frozen=True):
    """How a client ended."""

    code: int
    sentence: str = ""
    """Why, where that has not been shown."""


class Opening(msgspec.Struct, frozen=True):
    """A connection as the front knows it when it begins."""

    address: str
    """The IP address of the person."""
    via: Via
    size: Size
    view: View = "screen"
    has_terminal: bool = True
    """Each key is passed on as it is pressed, and shown by the client. Otherwise lines are."""
    variables: dict[str, str] = {}
    """What the person's terminal says of itself: TERM, COLORTERM, NO_COLOR."""
    name: str = ""
    room: str = ""
    """The room to open, or @ and a name; with the view "send", where the input goes."""
    invite: str = ""
    """`join-CODE` or `guest-CODE`, for an account that is yet to be created."""
    key: str = ""
    """The SSH key that logs in to the account `name`, proven by a signature, as in a .pub file."""
    offered: tuple[str, ...] = ()
    """Other keys that the person offered, at most ssh_authentication.MAX_OFFERED."""
    resume: str = ""
    """The account whose client, left behind by an earlier connection, this one goes on with."""
    ticket: str = ""
    """A secret of the page in the browser, for it to find its client again."""
    by_ticket: bool = False
    """Whether it goes on with the client that has its ticket."""
    seen: int = 0
    """Bytes of the output of that client, if it writes lines, which the page has already."""
    is_light: bool = False
    """Whether the person's other programs have light backgrounds, as far as known."""


class Frame(NamedTuple):
    kind: Kind
    data: bytes


class BadFrameError(Exception):
    """The other process sent what is no frame."""


def frame(kind: Kind, data: bytes = b"") -> bytes:
    """Return a frame as bytes."""
    return _HEAD.pack(kind, len(data)) + data


async def read_frame(reader: asyncio.StreamReader) -> Frame | None:
    """Return the next frame, or None at the end. Raises BadFrameError."""
    try:
        kind, length = _HEAD.unpack(await reader.readexactly(_HEAD.size))
        if length > MAX_DATA:
            raise BadFrameError(f"{length} bytes")
        return Frame(Kind(kind), await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    except ValueError as exc:
        raise BadFrameError(str(exc)) from None
