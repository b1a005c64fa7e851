"""`chat-server restore`: a data folder from a backup."""

import os
from pathlib import Path
from typing import Annotated, Final, TypeAlias

from cyclopts import Parameter

from chat_server.admin.commands import Data
from chat_server.admin.commands.output import report_share
from chat_server.admin.commands.stopping import stoppable
from chat_server.admin.commands.store_copy import (
    StorePaths,
    copy_store,
    paths_in,
    paths_of_backup,
    report_copy,
)
from chat_server.config import default_data
from chat_server.data_folder import locked
from chat_server.errors import StartError

_Backup: TypeAlias = Annotated[Path, Parameter(name="FILE", help="Backup", show_env_var=False)]

_SIDE_FILES: Final = ("", "-wal", "-shm", "-journal")  # SQLite would take them for the new one's


def restore(file: _Backup, /, *, data: Data = None) -> int:
    """Restore all accounts, rooms and messages from a backup FILE, and files from FILE.files

    Stop the server first. The data folder must have no database; the backup stays as it is. The
    exit code is 1 if the backup lacks files of its messages.
    """
    source, folder = paths_of_backup(file), data or default_data()
    if not source.database.is_file():
        raise StartError(f"There is no backup at {file}.")
    with stoppable(), locked(folder):
        target = paths_in(folder)
        _check_new(target)
        blobs = copy_store(source, target, report_share)
    return report_copy(target, blobs, "they are not in the backup")


def _check_new(target: StorePaths) -> None:
    """Raise StartError if there is anything that the copy would be mixed with."""
    database, files = target.database, target.files
    for path in files, *(database.with_name(database.name + suffix) for suffix in _SIDE_FILES):
        if os.path.lexists(path):
            raise StartError(f"{path} already exists. Move it away, or choose another --data.")
