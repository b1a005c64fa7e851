"""Other programs that have a database open: they can keep its log from being emptied."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_PROCESSES: Final = Path("/proc")


def programs_using(database: Path) -> list[str]:
    """Return the names and process ids of other programs that have `database` open.

    As far as the system tells: nothing where there is no /proc, and of the programs
    of other users only what root may see.
    """
    try:
        file = database.stat()
        processes = [path for path in _PROCESSES.iterdir() if path.name.isdecimal()]
    except OSError:
        return []
    identity = (file.st_dev, file.st_ino)
    return sorted(
        f"{_name(process)} ({process.name})"
        for process in processes
        if process.name != f"{os.getpid()}" and identity in _open_files(process)
    )


def _open_files(process: Path) -> Iterator[tuple[int, int]]:
    with suppress(OSError):  # of another user, or ended meanwhile
        for descriptor in (process / "fd").iterdir():
            with suppress(OSError):  # closed meanwhile
                found = descriptor.stat()
                yield found.st_dev, found.st_ino


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text(errors="replace").strip()
    except OSError:
        return "unknown"
