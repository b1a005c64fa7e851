"""What SQLite's errors mean, in words for the operator.

SQLite's own words are no help here: a copy onto a full disk fails with "not an error".
"""

from collections.abc import Generator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import Final

import apsw

from chat_server.errors import UnusableStoreError
from chat_server.store.errors import DiskFullError, StoreError

_REASONS: Final[dict[type[apsw.Error], str]] = {
    apsw.FullError: "the disk is full",
    apsw.IOError: "the disk cannot be read or written, or a file may not grow any more",
    apsw.BusyError: "another program has locked it",
    apsw.LockedError: "another program has locked it",
    apsw.CorruptError: "it is damaged",
    apsw.NotADBError: "it is not a database",
    apsw.ReadOnlyError: "this user cannot write it",
    apsw.CantOpenError: "this user cannot open it",
}
NO_CHAT_DATABASE: Final = (
    "{path} is not a chat database. Choose another data folder with --data, or move the file away."
)
_SENTENCES: Final[dict[type[apsw.Error], str]] = {
    apsw.FullError: "The disk of {path} is full. Free some space and try again.",
    apsw.BusyError: "{path} is locked by another program. Stop that program and try again.",
    apsw.CorruptError: "{path} is damaged. Restore a backup.",
    apsw.NotADBError: NO_CHAT_DATABASE,
    apsw.ReadOnlyError: "Cannot write {path}. Check that this user can write it and its folder.",
    apsw.CantOpenError: "Cannot open {path}. Check that this user can read and write its folder.",
}


def reason(error: apsw.Error) -> str:
    """Return why something failed, as the end of a sentence without its full stop."""
    return _REASONS.get(type(error)) or f"{error}"


def store_error(method: str, error: apsw.Error) -> StoreError:
    """Return what `method` raises for `error`."""
    kind = DiskFullError if isinstance(error, apsw.FullError | apsw.IOError) else StoreError
    return kind(f"{method}: {error}")


@contextmanager
def usable(path: Path) -> Generator[None]:
    """Turn errors while the database at `path` is opened or migrated into UnusableStoreError."""
    try:
        yield
    except apsw.Error as exc:
        sentence = _SENTENCES.get(type(exc), "{path} cannot be used: {reason}.")
        raise UnusableStoreError(sentence.format(path=path, reason=reason(exc))) from None
    except OSError as exc:
        kind = apsw.FullError if exc.errno in (ENOSPC, EDQUOT) else apsw.CantOpenError
        raise UnusableStoreError(_SENTENCES[kind].format(path=path)) from None
