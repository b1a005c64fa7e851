"""Reading what the old chat kept: who could log in, and the rooms with their passwords.

It was a toy that saved dictionaries of strings, `{name: sha1 in hexadecimal}` and
`{room: password}`, as JSON or as a pickle. A pickle is a program: this reader
runs none of it, whatever the file holds.
"""

import io
import json
import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chat_server.errors import StartError

_MOST: Final = 64 * 1024 * 1024  # bytes: a hundred times the largest that is likely


@dataclass(frozen=True, slots=True)
class Origin:
    users: dict[str, str] = field(default_factory=dict)  # SHA-1 of the password, as it stood there
    rooms: dict[str, str] = field(default_factory=dict)  # password in clear
    strange: list[str] = field(default_factory=list)  # names whose value is no string


def read_origin(file: Path) -> Origin:
    """Return what `file` holds. Raises StartError for what cannot have been the old chat's."""
    try:
        size = file.stat().st_size
        if size > _MOST:
            raise StartError(f"{file} is too large: {size:,} bytes; at most {_MOST:,} are read.")
        content = _parse(file.read_bytes())
    except OSError as exc:
        raise StartError(f"{file} cannot be read: {exc.strerror}.") from None
    except ValueError:
        raise StartError(f"{file} is neither JSON nor a pickle of plain containers.") from None
    return _shape(content, file)


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
    except Exception as exc:  # a broken pickle raises whatever it likes
        raise ValueError("not a pickle of plain containers") from exc
    return loaded


class _PlainUnpickler(pickle.Unpickler):
    """Knows containers and strings, which need no class and no function; so it calls none."""

    def find_class(self, module: str, name: str) -> object:
        raise pickle.UnpicklingError(f"{module}.{name} is not read")


def _shape(content: object, file: Path) -> Origin:
    """Return the users and rooms in `content`: both under their names, or users alone."""
    if not isinstance(content, dict):
        raise StartError(f"{file} holds no users and no rooms.")
    if content.keys() & {"users", "rooms"}:
        users, rooms = content.get("users", {}), content.get("rooms", {})
    else:
        users, rooms = content, {}
    if not (isinstance(users, dict) and isinstance(rooms, dict)):
        raise StartError(f"{file} holds no users and no rooms.")
    rooms = {name: _password_in(value) for name, value in rooms.items()}
    both = (*users.items(), *rooms.items())
    strange = [_shown(name) for name, value in both if not _plain(name, value)]
    return Origin(_strings(users), _strings(rooms), strange)


def _password_in(room: object) -> object:
    """Return the password of a room, which stood alone or among other things."""
    return room.get("password") if isinstance(room, dict) else room


def _strings(mapping: dict[object, object]) -> dict[str, str]:
    return {
        name: value
        for name, value in mapping.items()
        if isinstance(name, str) and isinstance(value, str)
    }


def _shown(name: object) -> str:
    return repr(name) if isinstance(name, str) else "(a name that is no text)"


def _plain(name: object, value: object) -> bool:
    return isinstance(name, str) and isinstance(value, str)
