"""Reads the file of the old chat: its users and rooms with their passwords.

The old chat saved dictionaries of strings, `{name: sha1 in hexadecimal}` and
`{room: password}`, as JSON or as a pickle. A pickle is a program: this reader
executes none of it, whatever the file contains.
"""

import io
import json
import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chat_server.errors import StartError

_MAX_SIZE: Final = 64 * 1024 * 1024  # bytes: a hundred times the largest likely file


@dataclass(frozen=True, slots=True)
class LegacyChat:
    users: dict[str, str] = field(default_factory=dict)  # SHA-1 of the password, in hexadecimal
    rooms: dict[str, str] = field(default_factory=dict)  # password in clear
    invalid: list[str] = field(default_factory=list)  # names whose value is not a string


def read_legacy_file(file: Path) -> LegacyChat:
    """Return the contents of `file`. Raises StartError if the old chat cannot have written it."""
    try:
        data = _read(file)
    except OSError as exc:
        raise StartError(f"Cannot read {file}: {exc.strerror}.") from None
    try:
        content = _parse(data)
    except ValueError:
        raise StartError(
            f"{file} is not a file from the old chat: "
            "expected JSON, or a pickle of dictionaries and strings."
        ) from None
    return _shape(content, file)


def _read(file: Path) -> bytes:
    size = file.stat().st_size
    if size > _MAX_SIZE:
        raise StartError(f"{file} is too large: {size:,} bytes, limit {_MAX_SIZE:,}.")
    return file.read_bytes()


def _parse(data: bytes) -> object:
    """Return the one object in `data`. Raises ValueError."""
    try:
        parsed: object = json.loads(data)
    except (ValueError, RecursionError):
        return _unpickle(data)
    return parsed


def _unpickle(data: bytes) -> object:
    try:
        loaded: object = _PlainUnpickler(io.BytesIO(data)).load()
    except Exception as exc:  # a broken pickle can raise anything
        raise ValueError("not a pickle of plain containers") from exc
    return loaded


class _PlainUnpickler(pickle.Unpickler):
    """Loads containers and strings, which need no class or function, and refuses the rest."""

    def find_class(self, module: str, name: str) -> object:
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed")


def _shape(content: object, file: Path) -> LegacyChat:
    """Return the users and rooms in `content`: under those keys, or users alone."""
    if not isinstance(content, dict):
        raise StartError(f"{file} contains no users or rooms.")
    if content.keys() & {"users", "rooms"}:
        users, rooms = content.get("users", {}), content.get("rooms", {})
    else:
        users, rooms = content, {}
    if not (isinstance(users, dict) and isinstance(rooms, dict)):
        raise StartError(f"{file} contains no users or rooms.")
    rooms = {name: _password_in(value) for name, value in rooms.items()}
    both = (*users.items(), *rooms.items())
    invalid = [_shown(name) for name, value in both if not _is_text(name, value)]
    return LegacyChat(_strings(users), _strings(rooms), invalid)


def _password_in(room: object) -> object:
    """Return the password of a room, stored alone or in a dictionary."""
    return room.get("password") if isinstance(room, dict) else room


def _strings(mapping: dict[object, object]) -> dict[str, str]:
    return {
        name: value
        for name, value in mapping.items()
        if isinstance(name, str) and isinstance(value, str)
    }


def _shown(name: object) -> str:
    return repr(name) if isinstance(name, str) else "(a name that is not text)"


def _is_text(name: object, value: object) -> bool:
    return isinstance(name, str) and isinstance(value, str)
