"""Completion for fish."""

from collections.abc import Iterator
from typing import Final

from manual.command import Command, Option, Path, brief, option_values

# The words of the command that was typed so far, options and their values left out.
_SCRIPT: Final = """\
# fish completion for {program}. Made by `python -m manual`.

function {function}
    set -l path ''
    set -l before ''
    for word in (commandline -opc)[2..-1]
        if contains -- $before {valued}
            set before ''
        else
            set before $word
            contains -- "$path $word" {paths}; and set path "$path $word"
        end
    end
    test "$path" = "$argv"
end

complete -c {program} -f
"""


def fish_completion(program: Command) -> str:
    """Return the completion script of `program`."""
    function = f"__{program.name.replace('-', '_')}_is_at"
    head = _SCRIPT.format(
        program=program.name,
        function=function,
        valued=" ".join(option_values(program)),
        paths=" ".join(_words(path) for path, _ in program.walk() if path),
    )
    lines = (
        f"complete -c {program.name} -n '{function} {_words(path, escaped=True)}' {line}\n"
        for path, command in program.walk()
        for line in _completions(command)
    )
    return head + "".join(lines)


def _completions(command: Command) -> Iterator[str]:
    for below in command.commands:
        yield f"-a {below.name} -d {_quoted(brief(below.summary))}"
    if any(argument.value.is_path for argument in command.arguments):
        yield "-F"
    for option in command.options:
        yield _option(option)


def _option(option: Option) -> str:
    names = " ".join(
        f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names
    )
    described = f"{names} -d {_quoted(brief(option.help))}"
    if option.value is None:
        return described
    if option.value.is_path:
        return f"{described} -rF"
    choices = " ".join(option.value.choices)
    return f"{described} -x -a '{choices}'" if choices else f"{described} -x"


def _words(path: Path, *, escaped: bool = False) -> str:
    """Return `path` as the script builds it, quoted, or once more for a condition."""
    quote = '"' if escaped else "'"
    return f"{quote}{''.join(f' {word}' for word in path)}{quote}"


def _quoted(text: str) -> str:
    return "'{}'".format(text.replace("\\", "\\\\").replace("'", "\\'"))
