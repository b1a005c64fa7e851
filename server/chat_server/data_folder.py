"""The folder that holds everything worth keeping. One server uses it at a time."""

import fcntl
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from chat_server.errors import FolderInUseError, StartError

DATABASE: Final = "chat.db"
SEARCH: Final = "search.db"  # may be deleted: it is rebuilt from the database
# With a store elsewhere: what the search index is made of. May be deleted as well.
SEARCH_COPY: Final = "search-copy.db"
# The content of files, a blob each; and below INCOMING that of uploads which are not whole yet.
FILES: Final = "files"
INCOMING: Final = "incoming"
# Holds some of the disk; the server deletes it when that is full.
RESERVE: Final = "reserve/space"
ADMIN_SOCKET: Final = "admin.sock"
# By which people who connect over ssh recognize the server; made by the gateway.
SSH_HOST_KEY: Final = "ssh_host.key"
# Where a server finds a gateway that is running; made by that.
GATEWAY_SOCKET: Final = "gateway.sock"

_LOCK = "lock"


# Modes of a folder in which others could replace the database or the key.
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


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
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUseError(
                f"Another chat-server is using the data folder {folder}. "
                "Stop it, or choose another folder with --data."
            ) from None
        yield
    finally:
        os.close(lock)


def is_writable_by_others(folder: Path) -> bool:
    """Return whether other users can create, replace and remove files in `folder`."""
    return bool(folder.stat().st_mode & _WRITABLE_BY_OTHERS)


def _open_lock(folder: Path) -> int:
    """Return a descriptor of the lock file, which is never read, written or followed elsewhere."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if is_writable_by_others(folder):
        raise StartError(
            f"Other users can write in the data folder {folder}. Run chmod 700 {folder}."
        )
    path = folder / _LOCK
    if path.is_symlink():
        raise StartError(f"Cannot use the data folder {folder}: {path} is a symbolic link.")
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with suppress(OSError):  # another user's, which we may lock all the same
        os.fchmod(lock, 0o600)
    return lock
