"""/block and /unblock: no direct messages to or from someone. Pure."""

from typing import Final

from chat_shared import messages as m
from chat_tui.commands.audience import Audience
from chat_tui.commands.parsed_input import (
    Arguments,
    Command,
    ParsedInput,
    SendRequest,
    ask_about,
    without_at,
)


def _read_block(words: Arguments) -> ParsedInput | None:
    if not words:
        return SendRequest(m.Blocked(id=m.UNNUMBERED))
    if len(words) > 1:
        return None
    name = without_at(words[0])
    return ask_about(name, m.Block(id=m.UNNUMBERED, name=name))


def _read_unblock(words: Arguments) -> ParsedInput | None:
    if len(words) != 1:
        return None
    name = without_at(words[0])
    return ask_about(name, m.Unblock(id=m.UNNUMBERED, name=name))


COMMANDS: Final = (
    Command(
        "block",
        "[NAME]",
        "Block direct messages from someone (no name: list blocked people)",
        _read_block,
        "person",
        audience=Audience.NO_GUESTS,
    ),
    Command(
        "unblock",
        "NAME",
        "Unblock someone",
        _read_unblock,
        "person",
        audience=Audience.NO_GUESTS,
    ),
)
