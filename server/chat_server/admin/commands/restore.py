"""`chat-server restore`: a data folder from a backup."""

import os
from pathlib import Path
from typing import Annotated, Final, TypeAlias

from cyclopts import Parameter

from chat_server.admin.commands import BucketEndpoint, Data
from chat_server.admin.commands.output import report_share
from chat_server.admin.commands.stopping import stoppable
from chat_server.admin.commands.store_copy import (
    copy_store,
    places_in,
    places_of_backup,
    report_copy,
)
from chat_server.config import default_data
from chat_server.data_folder import FILES, locked
from chat_server.errors import StartError
from chat_server.validators import check_bucket

_Backup: TypeAlias = Annotated[Path, Parameter(name="FILE", help="Backup", show_env_var=False)]

_Bucket: TypeAlias = Annotated[
    str | None,
    Parameter(help="Put files into this bucket, s3://…, of the server", validator=check_bucket),
]

_SIDE_FILES: Final = ("", "-wal", "-shm", "-journal")  # SQLite would take them for the new one's


def restore(
    file: _Backup,
    /,
    *,
    data: Data = None,
    bucket: _Bucket = None,
    bucket_endpoint: BucketEndpoint = None,
) -> int:
    """Restore all accounts, rooms and messages from a backup FILE, and files from FILE.files

    Stop the server first. The data folder must have no database; the backup stays as it is. With a
    bucket, what it lacks is put there, and it keeps everything else. The exit code is 1 if files of
    messages are then missing.
    """
    source, folder = places_of_backup(file), data or default_data()
    if not source.database.is_file():
        raise StartError(f"There is no backup at {file}.")
    with stoppable(), locked(folder):
        target = places_in(folder, bucket, bucket_endpoint)
        _check_new(target.database, folder / FILES)
        blobs = copy_store(source, target, report_share)
    advice = "they are not in the backup"
    if bucket is None and blobs is not None and not blobs.files:
        advice = f"{advice}. If they are in a bucket, the server needs --bucket"
    return report_copy(target, blobs, advice)


def _check_new(database: Path, files: Path) -> None:
    """Raise StartError if there is anything that the copy would be mixed with."""
    for path in files, *(database.with_name(database.name + suffix) for suffix in _SIDE_FILES):
        if os.path.lexists(path):
            raise StartError(f"{path} already exists. Move it away, or choose another --data.")
