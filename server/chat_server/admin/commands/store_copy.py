"""A copy of a database and its files: a backup of a data folder, or a data folder from a backup.

While it is made it has other names, always the same ones, so that nothing is left of a copy that
was killed once the next one is made.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chat_server.admin.commands.output import print_lines
from chat_server.data_folder import DATABASE, FILES
from chat_server.errors import StartError
from chat_server.files.blobs import BlobError
from chat_server.files.bucket import BUCKET_SLOTS, BucketBlobs
from chat_server.files.bucket_copying import CopyIntoBucket, CopyOfBucket
from chat_server.files.copying import BlobCopy, FolderCopy, Report
from chat_server.files.folder import FolderBlobs
from chat_server.files.places import blobs_at
from chat_server.store.sqlite.offline import copy_database

# Bytes in the name of a file on all usual file systems, less what SQLite appends to it.
_MAX_NAME: Final = 255 - len("-journal")


@dataclass(frozen=True, slots=True)
class StorePlaces:
    """Where a database is, and the content of its files."""

    database: Path
    files: FolderBlobs | BucketBlobs


def places_in(data: Path, bucket: str | None, endpoint: str | None) -> StorePlaces:
    """Return the places of a server with this data folder. Raises StartError."""
    # A block for each of those that are copied at the same time.
    files = blobs_at(data / FILES, bucket, endpoint, most_blocks=BUCKET_SLOTS)
    return StorePlaces(data / DATABASE, files)


def places_of_backup(file: Path) -> StorePlaces:
    return StorePlaces(file, FolderBlobs(file.with_name(f"{file.name}.files")))


def copy_store(
    source: StorePlaces, target: StorePlaces, report: Report, *, with_files: bool = True
) -> BlobCopy | None:
    """Copy a store, as it is at one moment, to where there is none; return what became of files.

    All of it or nothing, and there is no folder without files; but a bucket keeps what it got, for
    the next attempt. `report` is called with the part that is done of one or the other, from 0 to
    1. Raises StartError.
    """
    with ExitStack() as undo:
        with _new_file(target.database) as database:
            if not with_files:
                copy_database(source.database, database, report)
                return None
            with _copy_between(source.files, target.files, report) as blobs:
                copy_database(source.database, database, report, blobs.take)
            if isinstance(target.files, FolderBlobs):  # unless the database gets its name, too
                undo.callback(shutil.rmtree, target.files.folder, ignore_errors=True)
        undo.pop_all()
    return blobs


@contextmanager
def _copy_between(
    source: FolderBlobs | BucketBlobs, target: FolderBlobs | BucketBlobs, report: Report
) -> Generator[BlobCopy]:
    """Yield a copy of the files that is made in the block. Raises StartError."""
    try:
        if isinstance(target, BucketBlobs):
            assert isinstance(source, FolderBlobs), "a backup has no bucket"
            yield CopyIntoBucket(source, target, report)
            return
        with new_folder(target.folder) as folder:
            if isinstance(source, BucketBlobs):
                yield CopyOfBucket(source, FolderBlobs(folder), report)
            else:
                yield FolderCopy(source, FolderBlobs(folder), report)
    except BlobError as exc:
        raise StartError(f"Cannot copy the files from {source} to {target}: {exc}.") from None


def report_copy(target: StorePlaces, blobs: BlobCopy | None, advice: str) -> int:
    """Print what was copied, and `advice` if files are missing; return the exit code."""
    size = target.database.stat().st_size
    lines = [f"{target.database}: {size:,} bytes, integrity check passed\n"]
    if blobs is not None and blobs.files:
        lines.append(f"{target.files}: {number_of(blobs.files)}, {blobs.bytes:,} bytes\n")
    if blobs is not None and blobs.missing:
        lines.append(f"{number_of(len(blobs.missing))} missing or damaged; {advice}\n")
    print_lines(lines)
    return int(blobs is not None and bool(blobs.missing))


def number_of(files: int) -> str:
    """Return how many files there are, in words."""
    return "1 file" if files == 1 else f"{files:,} files"


@contextmanager
def new_folder(folder: Path) -> Generator[Path]:
    """Yield an empty folder that becomes `folder` if something is in it, or is gone on failure.

    Nobody else makes the same one meanwhile. Raises StartError.
    """
    if os.path.lexists(folder):
        raise StartError(f"{folder} already exists. Choose another name.")
    unfinished = _unfinished(folder)
    try:
        with _held_folder(unfinished):
            try:
                yield unfinished
                if any(unfinished.iterdir()):
                    unfinished.rename(folder)
                else:
                    unfinished.rmdir()
            except BaseException:
                shutil.rmtree(unfinished, ignore_errors=True)
                raise
    except BlockingIOError:
        raise StartError(f"{unfinished} is being written by another command.") from None
    except OSError as exc:
        raise StartError(f"Cannot write {folder}: {exc.strerror}.") from None


@contextmanager
def _held_folder(folder: Path) -> Generator[None]:
    """Make `folder` and hold it, without what a killed command has left there.

    Raises OSError; BlockingIOError if another holds it.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not (folder.exists() and os.path.samestat(os.fstat(lock), folder.stat())):
            raise BlockingIOError  # another has just finished it
        for left in folder.iterdir():
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
            else:
                left.unlink()
        yield
    finally:
        os.close(lock)


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
