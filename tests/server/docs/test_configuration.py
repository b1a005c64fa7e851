"""`server/CONFIGURATION.md` lists every setting with its default, and its example is valid."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from chat_server import data_folder
from chat_server.config import SOCKET, Config, Limits

_PAGE = (Path(__file__).parents[3] / "server" / "CONFIGURATION.md").read_text(encoding="utf-8")
_SETTINGS = _PAGE.partition("\n## Settings\n")[2].partition("\n## ")[0]
_ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in _SETTINGS.splitlines()
    if line.startswith("| `")
]
_DEFAULTS = {flag: row[1] for row in _ROWS for flag in re.findall(r"`--([\w.*-]+)`", row[0])}
_EXAMPLE = tomllib.loads(_PAGE.partition("```toml")[2].partition("```")[0])


def test_the_page_lists_every_setting_once() -> None:
    flags = {field.name.replace("_", "-") for field in fields(Config)} - {"limits"} | {"limits.*"}

    assert set(_DEFAULTS) == flags
    assert sum(len(re.findall("`--", row[0])) for row in _ROWS) == len(flags)


@pytest.mark.parametrize(
    "flag", [flag for flag, default in _DEFAULTS.items() if re.fullmatch("`[^~`]+`", default)]
)
def test_a_default_in_code_style_is_the_one_in_the_code(flag: str) -> None:
    assert _DEFAULTS[flag] == f"`{getattr(Config(), flag.replace('-', '_'))}`"


def test_the_example_is_a_config() -> None:
    settings = _EXAMPLE | {"limits": Limits(**_EXAMPLE["limits"])}

    assert Config(**settings).limits.posts == _EXAMPLE["limits"]["posts"]


@pytest.mark.parametrize(
    "name", [data_folder.DATABASE, data_folder.SEARCH, data_folder.ADMIN_SOCKET, SOCKET]
)
def test_the_page_lists_the_files_of_the_data_folder(name: str) -> None:
    assert f"`{name}`" in _PAGE.partition("\n## The data folder\n")[2]
