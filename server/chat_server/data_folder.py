"""The folder that holds all that must not be lost, and belongs to one server at a time."""

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from chat_server.errors import FolderHeldError, StartError

DATABASE: Final = "chat.db"
SEARCH: Final = "search.db"  # may be removed: it is made again from the database
ADMIN_SOCKET: Final = "admin.sock"

_LOCK = "lock"


@contextmanager
def held(folder: Path) -> Generator[None]:
    """Make `folder` if need be, and keep every other server out of it.

    The lock is the kernel's: it ends with the process, however that ends.
    Raises StartError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / _LOCK).open("w")
    except OSError as exc:
        raise StartError(f"The data folder {folder} cannot be used: {exc.strerror}.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderHeldError(
                f"Another chat-server uses the data folder {folder}. "
                "Stop it, or name another folder with --data."
            ) from None
        yield
