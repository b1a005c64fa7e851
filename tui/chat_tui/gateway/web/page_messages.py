"""What pages and the gateway tell each other over their WebSocket, besides what is shown.

Bytes typed and bytes to show are binary messages. What is typed is UTF-8, in which no byte is
ANSWERS: a message that begins with it answers a Question about a chosen file, and goes on as an
ANSWER frame does. Everything else is JSON.
"""

from contextlib import suppress
from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from chat_tui.gateway.frames import Choose, Chosen, Prompt, Question, Size

ANSWERS: Final = b"\xff"


class Hello(msgspec.Struct, frozen=True):
    """The first message of a page."""

    size: Size
    ticket: str = ""
    """What it was sent the last time."""
    seen: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Bytes to show that it has received from the client that has the ticket."""
    invite: Annotated[str, msgspec.Meta(max_length=64)] = ""
    """The invitation code in the link that was opened."""
    is_light: bool = False
    view: Literal["screen", "plain"] = "screen"


class Ticket(msgspec.Struct, frozen=True):
    ticket: str
    is_kept: bool
    """Whether somebody has logged in, so that the client is there for a while without its page."""


class Asked(msgspec.Struct, frozen=True):
    prompt: Prompt


class Download(msgspec.Struct, frozen=True):
    download: str
    """Where a file is, once."""


class Choosing(msgspec.Struct, frozen=True):
    choose: Choose


class Reading(msgspec.Struct, frozen=True):
    read: Question


class End(msgspec.Struct, frozen=True):
    code: int
    sentence: str


class Ended(msgspec.Struct, frozen=True):
    end: End


ToPage: TypeAlias = Ticket | Asked | Download | Choosing | Reading | Ended


def read_hello(data: str) -> Hello | None:
    """Return the first message of a page; None if it is none of ours."""
    with suppress(ValueError):  # as msgspec's errors are
        return msgspec.json.decode(data, type=Hello)
    return None


def read_message(data: str) -> Size | Chosen | None:
    """Return a later message; None if no page of ours sends it."""
    with suppress(ValueError):
        return msgspec.json.decode(data, type=Size)
    with suppress(ValueError):
        return msgspec.json.decode(data, type=Chosen)
    return None
