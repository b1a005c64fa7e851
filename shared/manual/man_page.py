"""Man pages, in the macros of man(7). Tables of the guides are sections of them."""

import re
import textwrap
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Final

from manual.command import Command, Option, Path

_DATE: Final = "2026-11-29"  # which a man page must have: set it with the version
_WIDTH: Final = 74  # characters of a line of source
_MANY: Final = 4  # options; more of them are not listed in the synopsis of a command
_ESCAPES: Final = {"\\": r"\e", "-": r"\-", "~": r"\(ti", "^": r"\(ha", "'": r"\(aq"}


def man_page(program: Command, see_also: str, sections: Iterable[tuple[str, str]]) -> str:
    """Return the man page of `program`.

    `sections` are titles and texts in Markdown, the tables of which become lists.
    """
    return "\n".join(
        [
            f'.TH "{_roff(program.name.upper())}" 1 {_DATE} "Trialogue {version("trialogue")}"',
            ".SH NAME",
            rf"{_roff(program.name)} \- {_roff(_name_line(program))}",
            *_synopsis(program),
            ".SH DESCRIPTION",
            *_paragraphs(program.help),
            ".SH OPTIONS",
            *_arguments(program),
            *_options(program.options),
            *_commands(program),
            *(line for title, text in sections for line in _section(title, text)),
            ".SH SEE ALSO",
            rf".BR {_roff(see_also)} (1)",
            "",
        ]
    )


def _name_line(program: Command) -> str:
    sentence = program.summary.partition(". ")[0].removesuffix(".")
    return f"{sentence[0].lower()}{sentence[1:]}"


def _synopsis(program: Command) -> Iterator[str]:
    yield ".SH SYNOPSIS"
    arguments = "".join(f" {_italic(f'{argument}')}" for argument in program.arguments)
    yield rf"\fB{_roff(program.name)}\fR [\fIOPTION\fR...]{arguments}"
    if program.commands:
        yield ".br"
        yield rf"\fB{_roff(program.name)}\fR \fICOMMAND\fR [\fIOPTION\fR...]"


def _arguments(command: Command) -> Iterator[str]:
    for argument in command.arguments:
        yield ".TP"
        yield _italic(argument.value.name)
        yield _sentence(argument.help)


def _options(options: Iterable[Option]) -> Iterator[str]:
    for option in options:
        value = f" {_italic(f'{option.value}')}" if option.value else ""
        yield ".TP"
        yield ", ".join(rf"\fB{_roff(name)}\fR" for name in option.names) + value
        yield _sentence(option.help)
        if option.default:
            yield _text(f"Default: {option.default}.")
        if option.variable:
            yield _text(f"Environment: {option.variable}.")


def _commands(program: Command) -> Iterator[str]:
    """Yield each command with what it takes, the options left out that the program has too."""
    if program.commands:
        yield ".SH COMMANDS"
    known = {option.names for option in program.options}
    for path, command in program.walk():
        if path and not command.commands:
            yield ".TP"
            yield _usage(path, command)
            yield from _paragraphs(command.help, ".IP")
            own = [option for option in command.options if option.names not in known]
            yield from (".RS", *_options(own), ".RE") if own else ()


def _usage(path: Path, command: Command) -> str:
    options = [option for option in command.options if option.value]
    listed = [f"[{option}]" for option in options] if len(options) <= _MANY else ["[OPTION...]"]
    words = [_italic(f"{word}") for word in (*listed, *command.arguments)]
    return " ".join([rf"\fB{_roff(' '.join(path))}\fR", *words])


def _paragraphs(text: str, separator: str = ".PP") -> Iterator[str]:
    first, *others = text.strip().split("\n\n")
    yield _sentence(first)
    for paragraph in others:
        yield separator
        yield _sentence(paragraph)


def _section(title: str, text: str) -> Iterator[str]:
    yield f".SH {_roff(title)}"
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) > 1:
            yield ".TP"
            yield ", ".join(_text(cell) for cell in cells[:-1] if cell)
            yield _sentence(cells[-1])


def _sentence(text: str) -> str:
    joined = " ".join(text.split())
    return _filled(
        _text(f"{joined[0].upper()}{joined[1:]}" if joined.endswith(".") else f"{joined}.")
    )


def _text(markdown: str) -> str:
    """Return a line of Markdown in roff: `code` in bold, links by their words."""
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", markdown)
    return re.sub("`([^`]*)`", r"\\fB\1\\fR", _roff(plain))


def _filled(text: str) -> str:
    """Return `text` in lines of the usual length, none of which looks like a macro."""
    lines = textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join(rf"\&{line}" if line.startswith(".") else line for line in lines)


def _italic(text: str) -> str:
    return rf"\fI{_roff(text)}\fR"


def _roff(text: str) -> str:
    """Return `text` so that roff shows it as it is, within a line."""
    return "".join(_ESCAPES.get(character, character) for character in text)
