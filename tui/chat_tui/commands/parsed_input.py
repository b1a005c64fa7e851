"""Kinds of parsed input, and the class of slash commands. Pure; `parser` has the table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from msgspec.structs import replace

from chat_shared import lengths, messages as m
from chat_shared.errors import Refused
from chat_shared.names import check_name
from chat_tui.commands.audience import Audience

HERE: Final = "\0"  # the `room` of a request about the open room; no room has this name


@dataclass(frozen=True, slots=True)
class SendMessage:
    text: str


@dataclass(frozen=True, slots=True)
class SendDirectMessage:
    """A direct message to one person."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class SendRequest:
    """A request to the server; `in_room` fills in the open room where none is named."""

    request: m.Request


@dataclass(frozen=True, slots=True)
class RunAction:
    """Something the client does itself; `action` is the id of a key's action."""

    action: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class InputError:
    """A line that cannot be carried out, and the sentence that says why."""

    sentence: str


ParsedInput: TypeAlias = SendMessage | SendDirectMessage | SendRequest | RunAction | InputError


class Arguments(list[str]):
    """The words after a command."""

    def __init__(self, typed: str) -> None:
        super().__init__(typed.split())
        self._typed = typed

    def after(self, count: int) -> str:
        """Return the text after the first `count` words, with its spaces and newlines."""
        return self._typed.split(None, count)[count].rstrip() if len(self) > count else ""


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    arguments: str  # as the help shows them
    what: str  # one line, for help and README; the same text as that of the action's key
    read: Callable[[Arguments], ParsedInput | None]  # None: the arguments do not fit the usage
    completes: str = (
        ""  # what its first argument names: name (of a member), person or room; path: all of them
    )
    alias: str = ""  # another name, if it has one
    audience: Audience = Audience.EVERYONE

    @property
    def usage(self) -> str:
        return f"/{self.name} {self.arguments}".rstrip()

    @property
    def help(self) -> str:
        """What it does, and its other name if it has one."""
        return self.help_as(self.name)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, self.alias) if self.alias else (self.name,)

    def help_as(self, name: str) -> str:
        """Return `help` for one of its names, which is written beside it."""
        return " ".join([self.what, *(f"(also /{also})" for also in self.names if also != name)])

    def name_from(self, prefix: str) -> str:
        """Return the first of its names that begins with `prefix`; empty if none does."""
        return next((name for name in self.names if name.startswith(prefix)), "")


def ask_about(name: str, request: m.Request) -> ParsedInput:
    """Return `request` to be sent, or why `name` cannot be a name."""
    try:
        check_name(name)
    except Refused as refusal:
        return InputError(refusal.message)
    return SendRequest(request)


def without_arguments(meaning: ParsedInput) -> Callable[[Arguments], ParsedInput | None]:
    """Return a reader for a command that takes nothing.

    Passwords are among what it does not take: a dialog asks for them, masked.
    """
    return lambda words: None if words else meaning


def without_at(word: str) -> str:
    """Return the name in `word`, which may be written like a mention."""
    return word.removeprefix("@")


def too_long(what: str, text: str, limit: int) -> InputError | None:
    """Return an error if `text` has more than `limit` characters."""
    sentence = lengths.too_long(what, text, limit)
    return InputError(sentence) if sentence else None


def in_room(request: m.Request, room: str) -> m.Request:
    """Return `request` for `room`, where it is about the open room."""
    return replace(request, room=room) if getattr(request, "room", "") == HERE else request
