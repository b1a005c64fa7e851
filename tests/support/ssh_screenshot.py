"""Makes the README's picture of the client over ssh, with OpenSSH's own ssh and the real gateway.

python tests/support/ssh_screenshot.py tui/ssh.svg
"""

import io
import sys
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pyte
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.text import Text

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.ssh_gateway import Gateway, register
from support.terminal import Terminal, desk

_SIZE: Final = (80, 24)
_TITLE: Final = "ssh -p 2222 mia@chat.example.org"
_TALK: Final = [
    ("ada", "Who cooks on Friday?"),
    ("ben", "I can. Soup, with **bread** and olives."),
    ("ada", "@mia do you bring your brother?"),
    ("mia", "He has nothing but ssh. Is that enough?"),
    ("ben", "It is. https://example.org/friday"),
]


def make(path: Path) -> None:
    """Have people talk over ssh, and save what one of them sees."""
    with TemporaryDirectory(prefix="desk-") as folder, desk(Path(folder)) as table:
        gateway = Gateway(table, Path(folder) / "data")
        people = {name: gateway.ssh(name, size=_SIZE) for name in ("ada", "ben", "mia")}
        for terminal in people.values():
            register(terminal)
        mia = people["mia"]
        for name, text in _TALK:
            people[name].enter(text)
            mia.wait_for(text.rpartition(" ")[2])
        mia.type("On our way, with ")
        mia.wait_for("On our way")
        path.write_text(_picture(mia), encoding="utf-8")


def _picture(terminal: Terminal) -> str:
    columns, _ = _SIZE
    console = Console(
        record=True,
        width=columns,
        file=io.StringIO(),
        color_system="truecolor",
        force_terminal=True,
    )
    for row in terminal.cells:
        parts = [("".join(cell.data for cell in run), style) for style, run in groupby(row, _style)]
        line = Text.assemble(*parts)
        console.print(line, no_wrap=True, highlight=False)
    return console.export_svg(title=_TITLE)


def _style(cell: pyte.screens.Char) -> Style:
    return Style(
        color=_color(cell.fg), bgcolor=_color(cell.bg), bold=cell.bold, italic=cell.italics,
        underline=cell.underscore, reverse=cell.reverse,
    )  # fmt: skip


def _color(name: str) -> Color | None:
    """Return a color of pyte: six digits, the name of one of the terminal's own, or its default."""
    if name == "default":
        return None
    is_own = any(letter not in "0123456789abcdef" for letter in name)
    return Color.parse(name if is_own else f"#{name}")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
