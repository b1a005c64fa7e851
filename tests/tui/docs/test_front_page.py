"""The README's table of keys and commands agrees with the client, and comes early."""

import re
from pathlib import Path

import pytest

from chat_tui.commands.keys import KEYS, shown
from chat_tui.commands.parser import COMMANDS

_PAGE = (Path(__file__).parents[3] / "README.md").read_text()
_HEADER = "\n| key | command |"
_ROWS = re.findall(r"^\| ([^|`]+) \| (`[^`]+`)? ?\| ([^|]+) \|$", _PAGE, re.MULTILINE)


def _rows() -> list[tuple[list[str], str, str]]:
    return [
        (keys.split(", "), command.strip("`"), what)
        for keys, command, what in _ROWS
        if keys not in ("key", "---")
    ]


def test_there_is_a_table() -> None:
    assert len(_rows()) > 10


def test_the_table_comes_within_two_screens() -> None:
    above = _PAGE.partition(_HEADER)[0].splitlines()

    assert len(above) <= 2 * 40
    assert max(map(len, above)) <= 100


@pytest.mark.parametrize(("keys", "command", "what"), _rows())
def test_each_key_does_what_the_page_says(keys: list[str], command: str, what: str) -> None:
    whats = {shown(key.keys[0]): key.what for key in KEYS}

    described = " ".join(whats[key] for key in keys).lower()
    assert set(re.findall(r"\w+", what.lower())) <= set(re.findall(r"\w+", described))


@pytest.mark.parametrize(("keys", "command", "what"), [row for row in _rows() if row[1]])
def test_each_command_is_written_as_its_help_writes_it(
    keys: list[str], command: str, what: str
) -> None:
    assert command in {known.usage for known in COMMANDS}
