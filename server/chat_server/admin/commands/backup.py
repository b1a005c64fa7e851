"""`chat-server backup`: a consistent copy of database and files, also while the server runs."""

from pathlib import Path
from typing import Annotated, TypeAlias

from cyclopts import Parameter

from chat_server.admin.commands import Bucket, BucketEndpoint, Data
from chat_server.admin.commands.output import report_share
from chat_server.admin.commands.stopping import stoppable
from chat_server.admin.commands.store_copy import (
    copy_store,
    places_in,
    places_of_backup,
    report_copy,
)
from chat_server.config import default_data
from chat_server.errors import StartError
from chat_server.validators import check_store

_NewFile: TypeAlias = Annotated[Path, Parameter(help="File to create", show_env_var=False)]
_NoFiles: TypeAlias = Annotated[
    bool, Parameter(name="--no-files", negative="", help="Leave out what people uploaded")
]


_Store: TypeAlias = Annotated[str | None, Parameter(show=False, validator=check_store)]


def back_up(
    file: _NewFile,
    /,
    *,
    data: Data = None,
    store: _Store = None,
    bucket: Bucket = None,
    bucket_endpoint: BucketEndpoint = None,
    no_files: _NoFiles = False,
) -> int:
    """Back up all accounts, rooms, messages and files to a new FILE (the server may be running)

    What people uploaded is put into a new folder beside it, FILE.files: from the data folder by
    hard links where that is possible, or from the bucket. The exit code is 1 if some of it is
    missing.
    """
    if store is not None:
        raise StartError(
            "The database of --store is not in the data folder. Back it up with pg_dump, and the "
            "bucket after it."
        )
    source = places_in(data or default_data(), None if no_files else bucket, bucket_endpoint)
    target = places_of_backup(file)
    if not source.database.exists():
        raise StartError(
            f"There is no database at {source.database}. Choose the data folder with --data."
        )
    with stoppable():
        blobs = copy_store(source, target, report_share, with_files=not no_files)
    advice = "see chat-server check"
    if bucket is None and blobs is not None and not blobs.files:
        advice = f"none is in {source.files}. If they are in a bucket, add --bucket"
    return report_copy(target, blobs, advice)
