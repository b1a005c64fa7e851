"""What a typed line can mean, and what a command is. Pure; which there are stands in `slash`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from msgspec.structs import replace

from chat_shared import messages as m
from chat_shared.errors import Refused
from chat_shared.names import check_name

HERE: Final = "\0"  # the `room` of a request about the open room; no room has this name


@dataclass(frozen=True, slots=True)
class SendMessage:
    text: str


@dataclass(frozen=True, slots=True)
class SendDirectMessage:
    """Something to say to one person, in the room of two with them."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class SendRequest:
    """A request to the server; `in_room` puts the open room in where none is named."""

    request: m.Request


@dataclass(frozen=True, slots=True)
class RunAction:
    """Something the client does by itself; `action` is the id of a key's action."""

    action: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class InputError:
    """A line that cannot be followed, and the sentence to say about it."""

    sentence: str


ParsedInput: TypeAlias = SendMessage | SendDirectMessage | SendRequest | RunAction | InputError


class Arguments(list[str]):
    """The words behind a command."""

    def __init__(self, typed: str) -> None:
        super().__init__(typed.split())
        self._typed = typed

    def behind(self, count: int) -> str:
        """Return what was typed behind the first `count` words, with its blanks and lines."""
        return self._typed.split(None, count)[count].rstrip() if len(self) > count else ""


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    arguments: str  # as the help shows them
    what: str
    read: Callable[[Arguments], ParsedInput]
    completes: str = ""  # what its first argument names, if known: name (here), person or room

    @property
    def usage(self) -> str:
        return f"/{self.name} {self.arguments}".rstrip()


def ask_about(name: str, request: m.Request) -> ParsedInput:
    """Return the wish for `request`, unless what it is about cannot be a name."""
    try:
        check_name(name)
    except Refused as refusal:
        return InputError(refusal.message)
    return SendRequest(request)


def in_room(request: m.Request, room: str) -> m.Request:
    """Return `request` for `room`, where it is about the open room."""
    return replace(request, room=room) if getattr(request, "room", "") == HERE else request
