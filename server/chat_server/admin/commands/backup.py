"""`chat-server backup`: a consistent copy of the database, also while the server runs."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeAlias

from cyclopts import Parameter

from chat_server.admin.commands import Data
from chat_server.config import default_data
from chat_server.data_folder import DATABASE
from chat_server.errors import StartError
from chat_server.output import print_lines
from chat_server.store.sqlite.offline import copy_database

_NewFile: TypeAlias = Annotated[Path, Parameter(help="File to create", show_env_var=False)]


def back_up(file: _NewFile, /, *, data: Data = None) -> int:
    """Back up all accounts, rooms and messages to a new FILE (the server may be running)"""
    source = (data or default_data()) / DATABASE
    if not source.exists():
        raise StartError(f"There is no database at {source}. Choose the data folder with --data.")
    with _new_file(file) as unfinished:
        copy_database(source, unfinished, _report)
    print_lines([f"{file}: {file.stat().st_size:,} bytes, integrity check passed\n"])
    return 0


@contextmanager
def _new_file(file: Path) -> Generator[Path]:
    """Yield a temporary path that becomes `file` on success, and is removed on failure.

    Never overwrites an existing file. Raises StartError.
    """
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise StartError(f"{file} already exists. Choose another file.") from None
    except OSError as exc:
        raise StartError(f"Cannot write {file}: {exc.strerror}.") from None
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL, 0o600))
        yield unfinished
        unfinished.replace(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        file.unlink()
        raise


def _report(share: float) -> None:
    if sys.stderr.isatty():
        end = "\n" if share == 1 else ""
        sys.stderr.write(f"\r{share:4.0%}{end}")
        sys.stderr.flush()
