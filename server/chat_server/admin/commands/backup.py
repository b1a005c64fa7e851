"""`chat-server backup`: a consistent copy of database and files, also while the server runs."""

from pathlib import Path
from typing import Annotated, TypeAlias

from cyclopts import Parameter

from chat_server.admin.commands import Data
from chat_server.admin.commands.output import report_share
from chat_server.admin.commands.stopping import stoppable
from chat_server.admin.commands.store_copy import (
    copy_store,
    paths_in,
    paths_of_backup,
    report_copy,
)
from chat_server.config import default_data
from chat_server.errors import StartError

_NewFile: TypeAlias = Annotated[Path, Parameter(help="File to create", show_env_var=False)]
_NoFiles: TypeAlias = Annotated[
    bool, Parameter(name="--no-files", negative="", help="Leave out what people uploaded")
]


def back_up(file: _NewFile, /, *, data: Data = None, no_files: _NoFiles = False) -> int:
    """Back up all accounts, rooms and messages to a new FILE (the server may be running)

    What people uploaded is put into a new folder beside it, FILE.files, by hard links where that is
    possible. The exit code is 1 if some of it is missing.
    """
    source, target = paths_in(data or default_data()), paths_of_backup(file)
    if not source.database.exists():
        raise StartError(
            f"There is no database at {source.database}. Choose the data folder with --data."
        )
    with stoppable():
        blobs = copy_store(source, target, report_share, with_files=not no_files)
    return report_copy(target, blobs, "see chat-server check")
