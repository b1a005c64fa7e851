"""The folder that holds everything worth keeping. One server uses it at a time."""

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from chat_server.errors import FolderInUseError, StartError

DATABASE: Final = "chat.db"
SEARCH: Final = "search.db"  # may be deleted: it is rebuilt from the database
# Holds some of the disk; the server deletes it when that is full.
RESERVE: Final = "reserve/space"
ADMIN_SOCKET: Final = "admin.sock"

_LOCK = "lock"


@contextmanager
def locked(folder: Path) -> Generator[None]:
    """Create `folder` if it is missing, and lock it against other servers.

    The kernel holds the lock, so it ends with the process, however that ends.
    Raises StartError, FolderInUseError.
    """
    try:
        lock = _open_lock(folder)
    except OSError as exc:
        raise StartError(f"Cannot use the data folder {folder}: {exc.strerror}.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUseError(
                f"Another chat-server is using the data folder {folder}. "
                "Stop it, or choose another folder with --data."
            ) from None
        yield


def _open_lock(folder: Path) -> TextIO:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return (folder / _LOCK).open("w")
