"""Commands on a message by its number, for the client without a screen. Pure.

On a screen a message is selected instead, so there these only explain how.
"""

from collections.abc import Callable
from typing import Final

from chat_shared.limits import MAX_TEXT
from chat_tui.commands.parsed_input import (
    Arguments,
    Command,
    ParsedInput,
    RunAction,
    too_long,
    without_arguments,
)

_MOST: Final = 6  # digits


def _with_number(action: str, *, takes_text: bool) -> Callable[[Arguments], ParsedInput | None]:
    """Return a reader of NUMBER, and TEXT if the command takes one; both may be left out."""

    def read(words: Arguments) -> ParsedInput | None:
        if not words:
            return RunAction(action)
        number, text = words[0], words.after(1)
        is_number = number.isascii() and number.isdecimal() and len(number) <= _MOST
        if not is_number or bool(text) != takes_text:
            return None
        return too_long("The message", text, MAX_TEXT) or RunAction(action, f"{number} {text}")

    return read


COMMANDS: Final = (
    Command(
        "reply",
        "[NUMBER TEXT]",
        "Reply to a message",
        _with_number("message.reply", takes_text=True),
    ),
    Command(
        "edit",
        "[NUMBER TEXT]",
        "Edit your message",
        _with_number("message.edit", takes_text=True),
    ),
    Command(
        "delete",
        "[NUMBER]",
        "Delete a message",
        _with_number("message.delete", takes_text=False),
    ),
    Command(
        "react",
        "[NUMBER EMOJI]",
        "Add or remove a reaction",
        _with_number("message.react", takes_text=True),
    ),
    Command(
        "files",
        "",
        "Show the last files, and how far uploads and downloads are",
        without_arguments(RunAction("message.files")),
    ),
    Command(
        "save",
        "[NUMBER]",
        "Save a file in Downloads",
        _with_number("message.save", takes_text=False),
    ),
    Command(
        "numbers",
        "",
        "Show or hide the numbers of messages",
        without_arguments(RunAction("message.numbers")),
    ),
)
