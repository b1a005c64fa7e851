"""Files that other clients of the same user change too, and the user by hand.

They are read, merged and written under a lock on their folder, so that nobody's change
is lost. What cannot be read is set aside under another name, and never overwritten.
"""

import codecs
import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final, TypeVar

from chat_tui.storage.atomic_write import write_private

T = TypeVar("T")

_LARGEST: Final = 16 * 2**20  # bytes: far more than any of these files has
# Seconds: a write takes milliseconds, but a stopped program may hold the lock forever.
_LOCKED_WITHIN: Final = 1.0
_LOOK_AGAIN: Final = 0.005  # seconds


class Unreadable(ValueError):
    """The contents make no sense; the message says why."""


def read(path: Path) -> bytes | None:
    """Return the contents without a byte order mark; None if there is no file. Raises OSError.

    Never waits for whatever else has the name of the file, such as a FIFO.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise OSError(errno.EINVAL, "it isn't a regular file")
        if about.st_size > _LARGEST:
            raise OSError(errno.EFBIG, "it is too large")
        with open(handle, "rb", closefd=False) as file:
            return file.read(_LARGEST).removeprefix(codecs.BOM_UTF8)
    finally:
        os.close(handle)


def load(path: Path, decode: Callable[[bytes | None], T]) -> tuple[T, str]:
    """Return what `decode` makes of the contents, and a sentence if they were set aside.

    That is what happens where `decode` raises Unreadable. Raises OSError.
    """
    try:
        return decode(read(path)), ""
    except (Unreadable, OSError):
        pass  # unless another client replaces it meanwhile
    with _folder_locked(path) as file:
        try:
            return decode(read(file)), ""
        except (Unreadable, OSError) as exc:
            return decode(None), _set_aside(file, exc)


def update(path: Path, change: Callable[[bytes | None], bytes]) -> None:
    """Replace the contents by what `change` makes of them. Raises OSError and what it raises.

    A symbolic link stays; the file that it leads to is replaced.
    """
    with _folder_locked(path) as file:
        write_private(file, change(read(file)))


def merge(path: Path, change: Callable[[bytes | None], bytes]) -> str:
    """Like `update`, but set contents aside from which `change` raises Unreadable.

    Returns a sentence about that, or nothing. Raises OSError.
    """
    with _folder_locked(path) as file:
        try:
            new, sentence = change(read(file)), ""
        except (Unreadable, OSError) as exc:
            new, sentence = change(None), _set_aside(file, exc)
        write_private(file, new)
        return sentence


@contextmanager
def locked(path: Path, within: float) -> Generator[None]:
    """Run the block while no other client of this user runs one with this lock file.

    For what takes longer than a change of a file, or is not in a file. Raises OSError,
    also if it is locked for `within` seconds.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    handle = os.open(path, flags, 0o600)
    try:
        _lock(handle, within)
        yield
    finally:
        os.close(handle)


@contextmanager
def _folder_locked(path: Path) -> Generator[Path]:
    """Create and lock the folder of `path`; yield the file itself."""
    file = Path(os.path.realpath(path)) if path.is_symlink() else path
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(handle, _LOCKED_WITHIN)
        yield file
    finally:
        os.close(handle)


def _lock(handle: int, within: float) -> None:
    until = time.monotonic() + within
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise TimeoutError(errno.EAGAIN, "another program has locked it") from None
            time.sleep(_LOOK_AGAIN)
        except OSError:
            return  # a file system without locks
        else:
            return


def _set_aside(path: Path, why: Exception) -> str:
    """Give the file another name, and return a sentence about that. Raises OSError."""
    names = (path.with_name(f"{path.name}.unreadable-{number}") for number in count(1))
    new = next(name for name in names if not name.exists())
    path.rename(new)
    reason = why.strerror if isinstance(why, OSError) else str(why)
    return f"{path} can't be read ({reason}). It is kept as {new.name}."
