"""The user's settings, and the last-used server and name. Never a password.

One JSON file in the user's configuration folder, readable by its owner only.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
from platformdirs import user_config_path

from chat_tui.commands.keys import clashes, unknown_ids
from chat_tui.model.notifications import Level
from chat_tui.storage.atomic_write import write_private
from chat_tui.terminal.alerts import Way

APP: str = "trialogue"


class BadSettings(ValueError):
    """The settings file cannot be used; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Settings:
    server: str = ""  # the last-used one
    name: str = ""  # the last-used one
    theme: str = ""
    keys: dict[str, str] = field(default_factory=dict)  # action id: its keys, separated by commas
    notify: Way = "bell"  # how the terminal notifies
    notify_rooms: dict[str, dict[str, Level]] = field(default_factory=dict)  # server: room: level

    def remember(self, server: str, name: str) -> "Settings":
        return replace(self, server=server, name=name)

    def with_theme(self, theme: str) -> "Settings":
        return replace(self, theme=theme)

    def with_levels(self, server: str, levels: dict[str, Level]) -> "Settings":
        return replace(self, notify_rooms={**self.notify_rooms, server: levels})


def settings_path() -> Path:
    return user_config_path(APP) / "settings.json"


def load(path: Path) -> Settings:
    """Return the settings in `path`, or the defaults if there are none yet. Raises BadSettings."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return Settings()
    except OSError as exc:
        raise BadSettings(f"Can't read {path}: {exc.strerror}.") from None
    try:
        settings = msgspec.json.decode(text, type=Settings)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise BadSettings(f"{path} isn't valid: {exc}.") from None
    _check_keys(settings, path)
    return settings


def _check_keys(settings: Settings, path: Path) -> None:
    for id_ in unknown_ids(settings.keys):
        raise BadSettings(f'{path}: unknown action "{id_}". COMMANDS.md lists the actions.')
    for sentence in clashes(settings.keys):
        raise BadSettings(f"{path}: {sentence}")


def save(settings: Settings, path: Path) -> None:
    """Write the settings atomically. Raises OSError."""
    write_private(path, msgspec.json.format(msgspec.json.encode(settings), indent=2) + b"\n")
