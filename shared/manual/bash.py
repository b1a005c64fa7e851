"""Completion for bash, from version 4.4 on."""

from collections.abc import Iterable, Iterator
from typing import Final

from manual.command import Command, Path, Value, option_values

# `before` is the previous word, or empty if that was the value of an option. bash itself takes
# `--name=value` apart into three words.
_SCRIPT: Final = """\
# bash completion for {program}. Made by `python -m manual`.

{function}() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} path='' before='' word options words='' files=''
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        [[ $word == = ]] && continue
        case $before in
            {valued}) before='' ;;
            *)
                before=$word
{paths}                ;;
        esac
    done
    [[ $current == = ]] && current=''
    case $before in
{values}
        *)
            case $path in
{commands}
            esac
            [[ $current == -* ]] && words=$options files=''
            ;;
    esac
    if [[ $files ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    fi
}}
complete -F {function} {program}
"""


def bash_completion(program: Command) -> str:
    """Return the completion script of `program`."""
    values = option_values(program)
    commands = list(program.walk())
    return _SCRIPT.format(
        program=program.name,
        function=f"_{program.name.replace('-', '_')}",
        valued=" | ".join(values),
        paths=_paths([path for path, _ in commands if path]),
        values="\n".join(_values(values)),
        commands="\n".join(_command(path, command) for path, command in commands),
    )


def _paths(paths: list[Path]) -> str:
    """Return the statement that adds a word to the path, if there are commands."""
    if not paths:
        return ""
    indent = " " * 16
    case = f'{" | ".join(map(_quoted, paths))}) path+=" $word" ;;'
    return f'{indent}case "$path $word" in\n{indent}    {case}\n{indent}esac\n'


def _values(values: dict[str, Value]) -> Iterator[str]:
    """Yield what completes the value of an option, one case for each kind of value."""
    cases: dict[str, list[str]] = {}
    for name, value in values.items():
        cases.setdefault(_completed([value], value.choices), []).append(name)
    for action, names in cases.items():
        yield f"        {' | '.join(names)}) {action};;"


def _command(path: Path, command: Command) -> str:
    indent = " " * 20
    options = " ".join(name for option in command.options for name in option.names)
    words = [below.name for below in command.commands]
    completed = _completed((argument.value for argument in command.arguments), words)
    return f"{indent[4:]}{_quoted(path)})\n{indent}options='{options}'\n{indent}{completed};;"


def _completed(values: Iterable[Value], words: Iterable[str]) -> str:
    """Return the assignment that makes the script complete `words`, or paths."""
    if any(value.is_path for value in values):
        return "files=yes "
    return f"words='{' '.join(words)}' " if words else ""


def _quoted(path: Path) -> str:
    return f"'{''.join(f' {word}' for word in path)}'"
