"""The commands, the unit and the metrics in `server/README.md` are those of the program."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App

from chat_server.admin.commands.admin import admin_app
from chat_server.cli import _app
from chat_server.config import Config
from chat_server.protocols import metrics
from chat_server.store.sqlite.schema import VERSION

PAGE = (Path(__file__).parents[3] / "server" / "README.md").read_text()
UNIT = re.findall(r"^(\w+)=(.*)$", PAGE.partition("```ini")[2].partition("```")[0], re.MULTILINE)


def test_the_command_in_the_unit_is_valid() -> None:
    (command,) = (value for key, value in UNIT if key == "ExecStart")

    _, bound, _ = _app.parse_args(shlex.split(command)[1:], exit_on_error=False)
    settings = bound.arguments["settings"]

    assert isinstance(settings, Config)
    assert ("Type", "notify") in UNIT
    assert ("StateDirectory", settings.data.name) in UNIT


def test_the_example_of_a_check_shows_the_current_database_version() -> None:
    assert f"intact; version {VERSION}\n" in PAGE


def _commands(app: App, path: str) -> Iterator[str]:
    """Yield every command below `app`, as an operator types it."""
    names = [name for name in app if not name.startswith("-")]
    for name in names:
        yield from _commands(app[name], f"{path} {name}")
    if not names:
        yield path


def test_the_table_lists_every_admin_command() -> None:
    commands = list(_commands(admin_app, "admin"))

    assert "admin accounts list" in commands
    assert [command for command in commands if f"| `{command}" not in _ROWS] == []


def test_a_room_password_is_reset_by_either_name() -> None:
    names = ("reset-password", "new-password")
    commands = {admin_app.parse_args(["rooms", name, "kitchen"])[0] for name in names}

    assert len(commands) == 1


_ROWS = PAGE.replace("`, `admin", "` | `admin").replace(
    "(alias: `new-password`)", "| `admin rooms new-password`"
)


@pytest.mark.parametrize("name", re.findall(r"`(trialogue_\w+)", PAGE))
def test_every_metric_on_the_page_exists(name: str) -> None:
    source = Path(metrics.__file__).read_text()

    assert f'"{name.removeprefix("trialogue_").removesuffix("_total")}"' in source.replace(
        "trialogue_", ""
    )
