"""Having peace from somebody: the commands for it, and the answers in sentences. Pure."""

from typing import Final

from chat_shared import messages as m
from chat_tui.commands.moderation import named
from chat_tui.commands.parsed_input import (
    Arguments,
    Command,
    InputError,
    ParsedInput,
    SendRequest,
    ask_about,
)


def _read_block(words: Arguments) -> ParsedInput:
    if not words:
        return SendRequest(m.Blocked(id=m.UNNUMBERED))
    if len(words) > 1:
        return InputError("One name at a time: /block NAME. Alone it says whom you have blocked.")
    name = named(words[0])
    return ask_about(name, m.Block(id=m.UNNUMBERED, name=name))


def _read_unblock(words: Arguments) -> ParsedInput:
    if len(words) != 1:
        return InputError("Whom? /unblock NAME")
    name = named(words[0])
    return ask_about(name, m.Unblock(id=m.UNNUMBERED, name=name))


def answer(request: m.Request, reply: m.Reply | None) -> str:
    """Return what to say to who asked this and was granted it; nothing for anything else."""
    match request, reply:
        case m.Block(name=name), m.Ok():
            return (
                f"{name} cannot write to you alone any more, nor you to them. "
                f"/unblock {name} takes it back."
            )
        case m.Unblock(name=name), m.Ok():
            return f"{name} is blocked no more."
        case m.Blocked(), m.BlockedList(names=names):
            return _listed(names)
    return ""


def _listed(names: list[str]) -> str:
    if not names:
        return "You have blocked nobody."
    people = f"{len(names)} people" if len(names) > 1 else "one person"
    return f"You have blocked {people}: {', '.join(names)}."


COMMANDS: Final = (
    Command(
        "block",
        "[NAME]",
        "let somebody not write to you alone; without a name: whom you have blocked",
        _read_block,
        "person",
    ),
    Command("unblock", "NAME", "let somebody write to you alone again", _read_unblock, "person"),
)
