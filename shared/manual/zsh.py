"""Completion for zsh."""

from collections.abc import Iterator
from typing import Final

from manual.command import Argument, Command, Option, Path, Value, brief

_HEAD: Final = """\
#compdef {program}
# Made by `python -m manual`.
"""
# `*::` leaves the words after the command, so that its function sees them as a command of its own.
_GROUP: Final = """
{function}() {{
    local context state state_descr line
    typeset -A opt_args
    local -a commands=(
{commands}
    )
    _arguments -C \\
{options}
        '1: :->command' \\
        '*:: :->rest'
    case $state in
        command) _describe command commands ;;
        rest)
            case $words[1] in
{cases}
            esac
            ;;
    esac
}}
"""
_LEAF: Final = """
{function}() {{
    _arguments \\
{options}
}}
"""


def zsh_completion(program: Command) -> str:
    """Return the completion script of `program`."""
    start = _function(program, ())
    functions = "".join(_define(program, path, command) for path, command in program.walk())
    return f'{_HEAD.format(program=program.name)}{functions}\n{start} "$@"\n'


def _define(program: Command, path: Path, command: Command) -> str:
    function = _function(program, path)
    options = [spec for option in command.options for spec in _option(option)]
    if not command.commands:
        specs = [*options, *map(_argument, command.arguments)]
        return _LEAF.format(function=function, options=_continued(specs))
    return _GROUP.format(
        function=function,
        commands="\n".join(
            f"        {_quoted(f'{below.name}:{brief(below.summary)}')}"
            for below in command.commands
        ),
        options=f"{_continued(options)} \\",
        cases="\n".join(
            f"                {below.name}) {_function(program, (*path, below.name))} ;;"
            for below in command.commands
        ),
    )


def _function(program: Command, path: Path) -> str:
    return "_".join(("", program.name, *path)).replace("-", "_")


def _option(option: Option) -> Iterator[str]:
    others = "" if option.is_repeatable else f"({' '.join(option.names)})"
    repeated = "*" if option.is_repeatable else ""
    for name in option.names:
        equals = "=" if option.value and name.startswith("--") else ""
        described = f"{others}{repeated}{name}{equals}[{_escaped(brief(option.help), '[]')}]"
        yield _quoted(described + (_value(option.value) if option.value else ""))


def _argument(argument: Argument) -> str:
    optional = "" if argument.is_required else ":"
    return _quoted(f":{optional}{_value(argument.value)[1:]}")


def _value(value: Value) -> str:
    action = f"({' '.join(value.choices)})" if value.choices else "_files" if value.is_path else " "
    return f":{value.name}:{action}"


def _escaped(text: str, characters: str) -> str:
    for character in f"\\{characters}:":
        text = text.replace(character, f"\\{character}")
    return text


def _continued(specs: list[str]) -> str:
    return " \\\n".join(f"        {spec}" for spec in specs)


def _quoted(text: str) -> str:
    return "'{}'".format(text.replace("'", "'\\''"))
