"""Files and folders that are being saved: they have a name that says that they are not whole.

One that a client has left behind, as it was killed, is deleted when something is saved beside it.
"""

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

_PREFIX: Final = ".trialogue-"
_ENDING: Final = ".part"

# Seconds without a change after which one that nobody holds was left behind. Without this age,
# that of another computer could be taken, where a file system locks for each computer alone.
LEFT_AFTER: Final = 86_400


def make_part_file(folder: Path) -> tuple[int, Path]:
    """Make a file in `folder`; return its descriptor, which holds it, and its path.

    Raises OSError.
    """
    _delete_left_behind(folder)
    descriptor, name = tempfile.mkstemp(_ENDING, _PREFIX, folder)
    _hold(descriptor)
    return descriptor, Path(name)


def make_part_folder(folder: Path) -> tuple[int, Path]:
    """Make a folder in `folder`; return its descriptor, which holds it, and its path.

    Raises OSError.
    """
    _delete_left_behind(folder)
    path = Path(tempfile.mkdtemp(_ENDING, _PREFIX, folder))
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    _hold(descriptor)
    return descriptor, path


def is_part(name: str) -> bool:
    return name.startswith(_PREFIX) and name.endswith(_ENDING)


def _hold(descriptor: int) -> bool:
    """Return whether nobody else holds it, until the descriptor is closed."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # or a file system without locks
        return False
    return True


def _delete_left_behind(folder: Path) -> None:
    for name in filter(is_part, os.listdir(folder)):
        with suppress(OSError):  # deleted by another client meanwhile, or not ours
            _delete_if_left(folder / name)


def _delete_if_left(path: Path) -> None:
    """Delete a file or folder, unless it is being written. Raises OSError."""
    # Without waiting for the other end of what somebody else made a pipe.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        is_old = time.time() - os.fstat(descriptor).st_mtime > LEFT_AFTER
        if not (is_old and _hold(descriptor)):
            return
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    finally:
        os.close(descriptor)
