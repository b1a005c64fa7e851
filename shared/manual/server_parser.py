"""What `chat-server` takes, read from its cyclopts app."""

from inspect import Parameter, cleandoc
from pathlib import Path
from typing import Any, Final, get_args

from cyclopts import App, Argument as Given
from platformdirs import user_data_path

from chat_server.cli import _app
from manual.command import Argument, Command, Option, Value

_NUMBERS: Final = {int, float}


def read_server() -> Command:
    """Return everything that `chat-server` takes."""
    config = next(_option(given) for given in _arguments(_app.meta) if given.show)
    return _command("chat-server", _app, (config, *_flags(_app)))


def _command(name: str, app: App, everywhere: tuple[Option, ...]) -> Command:
    """Return `app`; `everywhere` are the options that each command takes as well."""
    given = _arguments(app) if app.default_command else []
    below = {id(app[name]): name for name in reversed(list(app)) if not name.startswith("-")}
    own = [_option(argument) for argument in given if not argument.field_info.is_positional]
    return Command(
        name,
        cleandoc(app.help),
        (*own, *everywhere),
        tuple(_argument(argument) for argument in given if argument.field_info.is_positional),
        tuple(_command(name, app[name], everywhere) for name in reversed(below.values())),
    )


def _arguments(app: App) -> list[Given]:
    collection = app.assemble_argument_collection(parse_docstring=True)
    return [argument for argument in collection if argument.show]


def _argument(given: Given) -> Argument:
    return Argument(_value(given), given.parameter.help or "", given.required)


def _option(given: Given) -> Option:
    name = given.names[0]
    takes_value = given.hint is not bool
    return Option(
        given.names,
        given.parameter.help or "",
        _value(given) if takes_value else None,
        _default(given.field_info.default) if takes_value else "",
        f"CHAT_{name.strip('-').translate(str.maketrans('.-', '__')).upper()}",
        is_repeatable=given.token_count()[1],
    )


def _value(given: Given) -> Value:
    kinds = {given.hint, *get_args(given.hint)}
    if given.field_info.is_positional:
        name = given.names[0]
    elif kinds & _NUMBERS:
        name = "NUMBER"
    else:
        name = "PATH" if Path in kinds else "VALUE"
    return Value(name, given.get_choices() or (), is_path=Path in kinds)


def _default(value: Any) -> str:
    if isinstance(value, Path):  # as it is on Linux, whatever this user's folder is
        return f"~/.local/share/{value.relative_to(user_data_path())}"
    return "" if value in (None, (), Parameter.empty) else f"{value}"


def _flags(app: App) -> tuple[Option, ...]:
    """Return the options that the library itself handles."""
    flags = {id(app[name]): name for name in app if name.startswith("--")}
    names = {key: [name for name in app if id(app[name]) == key] for key in flags}
    return tuple(Option(tuple(names[key]), f"{app[name].help}") for key, name in flags.items())
