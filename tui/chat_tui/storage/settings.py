"""The user's settings, and the last-used server and name. Never a password.

One JSON file in the user's configuration folder, readable by its owner only.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias, TypeVar

import msgspec
from platformdirs import user_config_path

from chat_tui.commands.keys import clashes, unknown_ids
from chat_tui.model.notifications import Level
from chat_tui.storage import shared_file
from chat_tui.storage.home import user_folder
from chat_tui.terminal.alerts import Way

T = TypeVar("T")
_Fields: TypeAlias = dict[str, object]


class BadSettings(ValueError):
    """The settings file cannot be used; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Settings:
    server: str = ""  # the last-used one
    name: str = ""  # the last-used one
    theme: str = ""
    keys: dict[str, str] = field(default_factory=dict)  # action id: its keys, separated by commas
    notify: Way = "bell"  # how the terminal notifies
    device: str | None = None  # how `/sessions` lists this device; None for what the client is
    notify_rooms: dict[str, dict[str, Level]] = field(default_factory=dict)  # server: room: level

    def remember(self, server: str, name: str) -> "Settings":
        return replace(self, server=server, name=name)

    def with_theme(self, theme: str) -> "Settings":
        return replace(self, theme=theme)

    def with_levels(self, server: str, levels: dict[str, Level]) -> "Settings":
        return replace(self, notify_rooms={**self.notify_rooms, server: levels})


def settings_path() -> Path:
    """Return where the settings are. Raises NoHome."""
    return user_folder(user_config_path) / "settings.json"


def load(path: Path) -> Settings:
    """Return the settings in `path`, or the defaults if there are none yet. Raises BadSettings."""
    try:
        data = shared_file.read(path)
    except OSError as exc:
        raise BadSettings(f"Can't read {path}: {exc.strerror}.") from None
    if data is None:
        return Settings()
    settings = _decode(data, Settings, path)
    _check_keys(settings, path)
    return settings


def _decode(data: bytes, kind: type[T], path: Path) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise BadSettings(f"{path} isn't valid: {exc}.") from None


def _check_keys(settings: Settings, path: Path) -> None:
    for id_ in unknown_ids(settings.keys):
        raise BadSettings(f'{path}: unknown action "{id_}". COMMANDS.md lists the actions.')
    for sentence in clashes(settings.keys):
        raise BadSettings(f"{path}: {sentence}")


def save(settings: Settings, path: Path, since: Settings | None = None) -> None:
    """Write what has changed `since`, and leave everything else in the file as it is.

    The user and other clients change the file too, and later versions have more fields.
    Raises OSError, and BadSettings for a file that cannot be read any more.
    """

    def change(data: bytes | None) -> bytes:
        stored = _decode(data, _Fields, path) if data is not None else {}
        _merge(stored, _fields(settings), _fields(since) if since else {})
        return msgspec.json.format(msgspec.json.encode(stored), indent=2) + b"\n"

    shared_file.update(path, change)


def _fields(settings: Settings) -> _Fields:
    return msgspec.convert(msgspec.to_builtins(settings), _Fields)


def _merge(stored: _Fields, new: _Fields, old: _Fields) -> None:
    """Change in `stored` what differs between `old` and `new`, down to single entries."""
    for name in old.keys() - new.keys():
        stored.pop(name, None)
    for name, value in new.items():
        was, here = old.get(name), stored.get(name)
        if value == was:
            continue
        if isinstance(value, dict) and isinstance(here, dict):
            _merge(here, value, was if isinstance(was, dict) else {})
        else:
            stored[name] = value
