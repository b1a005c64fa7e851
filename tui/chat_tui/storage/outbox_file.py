"""The unsent messages of one account to one server, on disk until they are delivered.

Each run of the client appends to its own file, which it keeps locked. Files left by a
crash are unlocked, and the next run takes them over. Two clients of one account do not
interfere.

A message is handed to the operating system before it is sent, so it survives the end of
the client. It is on the disk itself a moment later, without anyone waiting for that.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from chat_tui.model.outbox import LocalFile, Status, Unsent
from chat_tui.storage.atomic_write import sync_folder

_ENDING: Final = ".unsent"
_DAMAGED: Final = ".unreadable"


class _Record(msgspec.Struct, omit_defaults=True):
    """A line of the file. A later one with the same nonce replaces an earlier one."""

    nonce: str
    room: str = ""
    text: str = ""
    reason: str = ""  # why it was refused
    done: bool = False
    reply: int = 0
    files: tuple[LocalFile, ...] = ()


class OutboxFile:
    """The file of this run; it exists while there is something to store."""

    def __init__(self, folder: Path, name: str, also: Sequence[Path] = ()) -> None:
        """Files that earlier runs left are taken over from `folder`, and from those in `also`."""
        self.problem = ""  # a sentence, while something is not stored
        self.unreadable = ""  # a sentence, once something that was left could not be read
        self._folder = folder
        self._folders = dict.fromkeys((folder, *also))
        self._path = folder / f"{name}{_ENDING}"
        self._file: int | None = None
        self._kept: set[str] = set()
        self._missing: dict[str, _Record] = {}  # by nonce: what the disk did not take
        self._disk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="outbox")
        self._syncing: Future[None] | None = None

    def keep(self, unsent: Unsent) -> None:
        record = _Record(
            unsent.nonce, unsent.room, unsent.text, unsent.reason, reply=unsent.reply,
            # Of a page there are none here: it shows a client elsewhere, which stores nothing.
            files=tuple(file for file in unsent.files if isinstance(file, LocalFile)),
        )  # fmt: skip
        self._kept.add(unsent.nonce)
        self._append(record)

    def forget(self, nonce: str) -> None:
        """Forget a delivered message. If a crash loses that, it is resent, and deduplicated."""
        if nonce not in self._kept:
            return
        self._kept.remove(nonce)
        if self._missing.pop(nonce, None) is None:
            self._append(_Record(nonce, done=True))
        else:
            self._append_missing()
        if not self._kept and self._file is not None:
            with suppress(OSError):
                os.ftruncate(self._file, 0)

    def take_over(self) -> list[Unsent]:
        """Return the messages that earlier runs left, oldest first, and store them as ours."""
        left: dict[str, Unsent] = {}
        files = [locked for path in self._paths() if (locked := _lock(path)) is not None]
        damaged = set[Path]()
        for path, file in files:
            records, is_whole = _read(file)
            left |= {unsent.nonce: unsent for unsent in map(_unsent, records)}
            damaged |= set() if is_whole else {path}
        oldest_first = [left[nonce] for nonce in sorted(left)]  # a nonce begins with the time
        for unsent in oldest_first:
            self.keep(unsent)
        self._wait_for_disk()
        for path, file in files:
            if path in damaged:
                self._set_aside(path)
            elif not self.problem:
                _remove(path)
            os.close(file)
        return oldest_first

    def _set_aside(self, path: Path) -> None:
        """Keep a file with lines that cannot be read, for someone who can."""
        new = path.with_suffix(_DAMAGED)
        with suppress(OSError):  # if it stays, it is read again
            path.rename(new)
            self.unreadable = f"Some unsent messages can't be read. They are kept in {new}."

    def discard(self) -> None:
        """Delete everything that this run and others stored, for a deleted account."""
        self._kept.clear()
        self.close()
        for path in (*self._paths(), *self._glob(f"*{_DAMAGED}")):
            _remove(path)

    def close(self) -> None:
        """Close the file once all is on the disk. Its messages wait for the next run."""
        self._disk.shutdown()  # waits for the last sync
        if self._file is None:
            return
        if not self._kept:
            _remove(self._path)
        os.close(self._file)
        self._file = None

    def _paths(self) -> list[Path]:
        return sorted(path for path in self._glob(f"*{_ENDING}") if path != self._path)

    def _glob(self, pattern: str) -> Iterator[Path]:
        for folder in self._folders:
            yield from folder.glob(pattern)

    def _append(self, record: _Record) -> None:
        self._missing[record.nonce] = record
        self._append_missing()

    def _append_missing(self) -> None:
        """Write what is not on the disk yet, also what it did not take before."""
        if not self._missing:
            return  # which says nothing about the disk
        try:
            for nonce in list(self._missing):
                self._write(self._missing[nonce])
                del self._missing[nonce]
        except OSError as exc:
            self.problem = f"Unsent messages can't be stored in {self._folder}: {exc.strerror}."
        else:
            self.problem = ""

    def _write(self, record: _Record) -> None:
        # A line begins and ends with a newline, so that a truncated one spoils no other.
        line = b"\n" + msgspec.json.encode(record) + b"\n"
        if self._file is None:
            self._file = self._open()
        if os.write(self._file, line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        # A sync that has begun may miss this line; one that still waits does not.
        if self._syncing is None or self._syncing.running() or self._syncing.done():
            self._syncing = self._disk.submit(self._sync, self._file)

    def _open(self) -> int:
        """Create the file, and lock it before it gets its name."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        new.rename(self._path)
        return file

    def _sync(self, file: int) -> None:
        with suppress(OSError):  # a failing disk reports it at the next write too
            os.fsync(file)
            sync_folder(self._folder)

    def _wait_for_disk(self) -> None:
        if self._file is not None:
            self._disk.submit(self._sync, self._file).result()


def _lock(path: Path) -> tuple[Path, int] | None:
    """Open and lock a file that no other run uses, or return None."""
    try:
        file = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return None  # another run was faster
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        return None
    about = os.fstat(file)
    if about.st_nlink and stat.S_ISREG(about.st_mode):
        return path, file
    os.close(file)
    return None


def _remove(path: Path) -> None:
    with suppress(OSError):  # if it stays, it is taken over again; the server has each message once
        path.unlink()


def _read(file: int) -> tuple[list[_Record], bool]:
    """Return what is left in a file, and whether every line of it could be read."""
    records: dict[str, _Record] = {}
    is_whole = True
    with open(os.dup(file), "rb") as lines:
        for line in filter(bytes.strip, lines):
            try:
                record = msgspec.json.decode(line, type=_Record)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                is_whole = False
            else:
                records[record.nonce] = record
    return [record for record in records.values() if not record.done], is_whole


def _unsent(record: _Record) -> Unsent:
    status = Status.REFUSED if record.reason else Status.QUEUED
    return Unsent(
        record.nonce, record.room, record.text, status, record.reason, reply=record.reply,
        files=record.files,
    )  # fmt: skip
