"""What a command takes, whichever library parses it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

Path: TypeAlias = tuple[str, ...]  # the words by which a command is called, after the program's


@dataclass(frozen=True, slots=True)
class Value:
    """What an option or an argument takes: one of `choices`, a path, or any text."""

    name: str
    choices: tuple[str, ...] = ()
    is_path: bool = False

    def __str__(self) -> str:
        return "|".join(self.choices) or self.name


@dataclass(frozen=True, slots=True)
class Option:
    names: tuple[str, ...]  # the longest first
    help: str
    value: Value | None = None  # None for a switch
    default: str = ""
    variable: str = ""  # of the environment
    is_repeatable: bool = False

    def __str__(self) -> str:
        return f"{self.names[0]} {self.value}" if self.value else self.names[0]


@dataclass(frozen=True, slots=True)
class Argument:
    value: Value
    help: str
    is_required: bool = True

    def __str__(self) -> str:
        return f"{self.value}" if self.is_required else f"[{self.value}]"


@dataclass(frozen=True, slots=True)
class Command:
    """A program, or a command of it; `commands` are those below it."""

    name: str
    help: str  # one sentence, then paragraphs
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...] = ()
    commands: tuple["Command", ...] = ()

    def walk(self, path: Path = ()) -> Iterator[tuple[Path, "Command"]]:
        """Yield this command and all below it, each with its path."""
        yield path, self
        for command in self.commands:
            yield from command.walk((*path, command.name))

    @property
    def summary(self) -> str:
        """The first paragraph of the help, on one line."""
        return " ".join(self.help.partition("\n\n")[0].split())


def option_values(program: Command) -> dict[str, Value]:
    """Return what each option takes that takes a value, by every name it has.

    Raises ValueError if an option takes something else in another command: completion goes by
    names alone.
    """
    values: dict[str, Value] = {}
    for _, command in program.walk():
        for option in command.options:
            for name in option.names if option.value else ():
                if values.setdefault(name, option.value or Value("")) != option.value:
                    raise ValueError(f"{name} has two meanings")
    return values


def brief(text: str) -> str:
    """Return the first sentence of a help text as a shell shows it, without formatting."""
    return " ".join(text.split()).replace("`", "").partition(". ")[0].removesuffix(".")
