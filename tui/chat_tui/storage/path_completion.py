"""Paths that begin as what was typed, in folders of this computer."""

import os
from itertools import islice
from typing import Final

MAX_NAMES: Final = 5_000  # names of a folder that are looked at, at each key


def paths_beginning(typed: str) -> list[str]:
    """Return them in order, folders with a / at their end. Hidden ones only after a dot."""
    folder, begun = os.path.split(typed)
    try:
        with os.scandir(os.path.expanduser(folder) or ".") as entries:
            found = [
                _shown(entry) for entry in islice(entries, MAX_NAMES) if _fits(entry.name, begun)
            ]
    except (OSError, ValueError):
        return []
    return sorted(os.path.join(folder, name) for name in found)


def _fits(name: str, begun: str) -> bool:
    is_wanted = begun.startswith(".") or not name.startswith(".")
    return name.startswith(begun) and is_wanted and name.isprintable()


def _shown(entry: os.DirEntry[str]) -> str:
    try:
        return f"{entry.name}/" if entry.is_dir() else entry.name
    except OSError:
        return entry.name
