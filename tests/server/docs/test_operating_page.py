"""What operators are given agrees with the program: the guide, the unit and its configuration."""

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cyclopts import App

from chat_server import cli
from chat_server.admin.commands.admin import admin_app
from chat_server.config import Config
from chat_server.protocols import metrics
from chat_server.store.sqlite.schema import VERSION

SERVER = Path(__file__).parents[3] / "server"
PAGE = (SERVER / "README.md").read_text()
CONFIG = SERVER / "server.toml"
UNIT = re.findall(r"^(\w+)=(.*)$", (SERVER / "trialogue.service").read_text(), re.MULTILINE)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Config]:
    """Returns what `chat-server --config PATH` would run with."""
    monkeypatch.setattr(cli._app, "config", cli._app.config)  # --config changes it

    def read_config(path: Path) -> Config:
        settings = cli.run_command(["--config", f"{path}"])
        assert isinstance(settings, Config)
        return settings

    return read_config


def test_the_unit_runs_the_server_with_its_config_file(read: Callable[[Path], Config]) -> None:
    (command,) = (value for key, value in UNIT if key == "ExecStart")

    assert shlex.split(command) == ["chat-server", "--config", "/etc/trialogue/server.toml"]
    assert ("Type", "notify") in UNIT
    assert ("StateDirectory", read(CONFIG).data.name) in UNIT


def test_the_unit_has_a_folder_for_the_socket_of_the_web_servers_in_the_guide() -> None:
    page = (SERVER / "CONFIGURATION.md").read_text()
    named = set(re.findall(r"unix:/+run/(\w+)/web\.sock", page))

    assert [("RuntimeDirectory", name) for name in named] == [
        setting for setting in UNIT if setting[0] == "RuntimeDirectory"
    ]
    assert ("RuntimeDirectoryPreserve", "yes") in UNIT  # a gateway outlives its server


def test_the_settings_suggested_in_the_config_file_are_valid(
    read: Callable[[Path], Config], tmp_path: Path
) -> None:
    suggested = re.sub("^#(?=[a-z_]+ = )", "", CONFIG.read_text(), flags=re.MULTILINE)
    (tmp_path / "server.toml").write_text(suggested)

    settings = read(tmp_path / "server.toml")

    assert (settings.host, settings.keep) == ("chat.example.org", "90d")
    assert len(settings.gateway_addresses) == 1


def test_the_guide_shows_how_to_install_the_files_that_exist() -> None:
    named = set(re.findall(r"(?<![\w/])server/[\w./]+", PAGE))

    assert {"server/trialogue.service", "server/server.toml", "server/debian/build"} <= named
    assert [name for name in named if not (SERVER.parent / name).exists()] == []


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
