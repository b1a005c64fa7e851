"""A copy of a database and its files: a backup of a data folder, or a data folder from a backup.

While it is made it has other names, always the same ones, so that nothing is left of a copy that
was killed once the next one is made.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chat_server.admin.commands.output import print_lines
from chat_server.data_folder import DATABASE, FILES
from chat_server.errors import StartError
from chat_server.files.blobs import BlobError
from chat_server.files.copying import BlobCopy
from chat_server.files.folder import FolderBlobs
from chat_server.store.sqlite.offline import copy_database

# Bytes in the name of a file on all usual file systems, less what SQLite appends to it.
_MAX_NAME: Final = 255 - len("-journal")


@dataclass(frozen=True, slots=True)
class StorePaths:
    """Where a database is, and the folder of its files."""

    database: Path
    files: Path


def paths_in(data: Path) -> StorePaths:
    """Return the paths in a data folder."""
    return StorePaths(data / DATABASE, data / FILES)


def paths_of_backup(file: Path) -> StorePaths:
    return StorePaths(file, file.with_name(f"{file.name}.files"))


def copy_store(
    source: StorePaths,
    target: StorePaths,
    report: Callable[[float], None],
    *,
    with_files: bool = True,
) -> BlobCopy | None:
    """Copy a store, as it is at one moment, to where there is none; return what became of files.

    All of it or nothing, and there is no folder without files. `report` is called with the part
    that is done of one or the other, from 0 to 1. Raises StartError.
    """
    with ExitStack() as undo:
        with _new_file(target.database) as database:
            if not with_files:
                copy_database(source.database, database, report)
                return None
            with new_folder(target.files) as folder:
                blobs = BlobCopy(FolderBlobs(source.files), FolderBlobs(folder), report)
                copy_database(source.database, database, report, blobs.take)
            # Unless the database gets its name, too.
            undo.callback(shutil.rmtree, target.files, ignore_errors=True)
        undo.pop_all()
    return blobs


def report_copy(target: StorePaths, blobs: BlobCopy | None, advice: str) -> int:
    """Print what was copied, and `advice` if files are missing; return the exit code."""
    size = target.database.stat().st_size
    lines = [f"{target.database}: {size:,} bytes, integrity check passed\n"]
    if blobs is not None and blobs.files:
        lines.append(f"{target.files}: {number_of(blobs.files)}, {blobs.bytes:,} bytes\n")
    if blobs is not None and blobs.missing:
        lines.append(f"{number_of(len(blobs.missing))} missing; {advice}\n")
    print_lines(lines)
    return int(blobs is not None and bool(blobs.missing))


def number_of(files: int) -> str:
    """Return how many files there are, in words."""
    return "1 file" if files == 1 else f"{files:,} files"


@contextmanager
def new_folder(folder: Path) -> Generator[Path]:
    """Yield the path of a folder that becomes `folder` if there is one, or is gone on failure.

    Only while nobody else makes the same copy. Raises StartError.
    """
    if os.path.lexists(folder):
        raise StartError(f"{folder} already exists. Choose another name.")
    unfinished = _unfinished(folder)
    shutil.rmtree(unfinished, ignore_errors=True)  # of a copy that was killed
    try:
        yield unfinished
        if unfinished.exists():
            unfinished.rename(folder)
    except BlobError as exc:
        raise StartError(f"Cannot copy the files to {folder}: {exc}.") from None
    except OSError as exc:
        raise StartError(f"Cannot write {folder}: {exc.strerror}.") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


@contextmanager
def _new_file(file: Path) -> Generator[Path]:
    """Yield a temporary path that becomes `file` on success, and is removed on failure.

    Never overwrites an existing file, and there is none with this name before it is whole.
    Raises StartError.
    """
    unfinished = _unfinished(file)
    try:
        lock = _open_locked(unfinished)
    except BlockingIOError:
        raise StartError(f"Another backup to {file} is running.") from None
    except OSError as exc:
        raise StartError(f"Cannot write {file}: {exc.strerror}.") from None
    try:
        _check_new(file)
        yield unfinished
        _rename(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)
        os.close(lock)


def _unfinished(file: Path) -> Path:
    """Return the name of `file` while it is written: always the same one, and never too long."""
    name = f"{file.name}.unfinished"
    if len(os.fsencode(name)) > _MAX_NAME:
        name = f"{hashlib.sha256(os.fsencode(file.name)).hexdigest()}.unfinished"
    return file.with_name(name)


def _open_locked(unfinished: Path) -> int:
    """Open `unfinished` for this process alone, empty: a killed backup may have left it."""
    lock = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.fstat(lock).st_nlink:
            raise BlockingIOError  # another backup has just finished and removed it
        os.ftruncate(lock, 0)
    except BaseException:
        os.close(lock)
        raise
    return lock


def _check_new(file: Path) -> None:
    """Raise StartError unless there can be a new file with this name."""
    try:
        file.lstat()
    except FileNotFoundError:
        return
    except OSError as exc:  # too long a name, for one
        raise StartError(f"Cannot write {file}: {exc.strerror}.") from None
    raise StartError(f"{file} already exists. Choose another file.")


def _rename(unfinished: Path, file: Path) -> None:
    """Give `unfinished` the name `file`, unless that exists by now. Raises StartError."""
    try:
        os.link(unfinished, file)
    except FileExistsError:
        raise StartError(f"{file} already exists. Choose another file.") from None
    except OSError:  # no hard links in this file system
        _check_new(file)
        unfinished.replace(file)
