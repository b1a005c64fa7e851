"""`chat-server backup`: a consistent copy of database and files, also while the server runs."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, TypeAlias

from cyclopts import Parameter

from chat_server.admin.commands import Data
from chat_server.admin.commands.output import print_lines, report_share
from chat_server.admin.commands.stopping import stoppable
from chat_server.config import default_data
from chat_server.data_folder import DATABASE, FILES
from chat_server.errors import StartError
from chat_server.files.blobs import BlobError
from chat_server.files.copying import BlobCopy
from chat_server.files.folder import FolderBlobs
from chat_server.store.sqlite.offline import copy_database

_NewFile: TypeAlias = Annotated[Path, Parameter(help="File to create", show_env_var=False)]
_NoFiles: TypeAlias = Annotated[
    bool, Parameter(name="--no-files", negative="", help="Leave out what people uploaded")
]

# Bytes in the name of a file on all usual file systems, less what SQLite appends to it.
_MAX_NAME: Final = 255 - len("-journal")


def back_up(file: _NewFile, /, *, data: Data = None, no_files: _NoFiles = False) -> int:
    """Back up all accounts, rooms and messages to a new FILE (the server may be running)

    What people uploaded is put into a new folder beside it, FILE.files, by hard links where that is
    possible. The exit code is 1 if some of it is missing.
    """
    source = (data or default_data()) / DATABASE
    if not source.exists():
        raise StartError(f"There is no database at {source}. Choose the data folder with --data.")
    with stoppable(), _new_file(file) as unfinished:
        if no_files:
            copy_database(source, unfinished, report_share)
            blobs = None
        else:
            with _new_files(file, source.with_name(FILES)) as blobs:
                copy_database(source, unfinished, report_share, blobs.take)
    print_lines([f"{file}: {file.stat().st_size:,} bytes, integrity check passed\n"])
    return 0 if blobs is None else _report_files(file, blobs)


def _report_files(file: Path, blobs: BlobCopy) -> int:
    """Say which files are in the backup; return the exit code."""
    folder = _folder_of(file)
    if blobs.files:
        print_lines([f"{folder}: {_number(blobs.files)}, {blobs.bytes:,} bytes\n"])
    if blobs.missing:
        print_lines([f"{_number(len(blobs.missing))} missing; see chat-server check\n"])
    return int(bool(blobs.missing))


def _number(files: int) -> str:
    return "1 file" if files == 1 else f"{files:,} files"


def _folder_of(file: Path) -> Path:
    """Return where the files of the backup `file` are."""
    return file.with_name(f"{file.name}.files")


@contextmanager
def _new_files(file: Path, source: Path) -> Generator[BlobCopy]:
    """Yield a copy of the blobs in `source` that ends up beside `file`, or not at all.

    Only while nobody else writes `file`. There is no folder without files. Raises StartError.
    """
    folder = _folder_of(file)
    if os.path.lexists(folder):
        raise StartError(f"{folder} already exists. Choose another file.")
    unfinished = _unfinished(folder)
    shutil.rmtree(unfinished, ignore_errors=True)  # of a backup that was killed
    try:
        blobs = BlobCopy(FolderBlobs(source), FolderBlobs(unfinished), report_share)
        yield blobs
        if blobs.files:
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
