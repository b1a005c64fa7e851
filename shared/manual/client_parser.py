"""What `chat-tui` takes, read from its argparse parser."""

from argparse import Action
from pathlib import Path

from chat_tui.arguments import _parser
from manual.command import Argument, Command, Option, Value


def read_client() -> Command:
    """Return everything that `chat-tui` takes."""
    parser = _parser()
    # argparse has no public list of what was added to a parser.
    actions = parser._actions
    return Command(
        parser.prog,
        parser.description or "",
        tuple(_option(action) for action in actions if action.option_strings),
        tuple(_argument(action) for action in actions if not action.option_strings),
    )


def _argument(action: Action) -> Argument:
    return Argument(_value(action), action.help or "", is_required=action.required)


def _option(action: Action) -> Option:
    names = tuple(sorted(action.option_strings, key=len, reverse=True))
    return Option(names, action.help or "", _value(action) if action.nargs != 0 else None)


def _value(action: Action) -> Value:
    name = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    return Value(name, tuple(action.choices or ()), is_path=action.type is Path)
