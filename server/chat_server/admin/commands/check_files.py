"""The part of `chat-server check` about files whose content is in the data folder."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from chat_server.admin.commands.check_content import SUBJECT, Report, examine, findings
from chat_server.admin.commands.findings import Finding, Verdict
from chat_server.errors import UnusableStoreError
from chat_server.files.blobs import BlobError
from chat_server.files.folder import FolderBlobs
from chat_server.store.sqlite.offline import read_store


def check_files(folder: Path, database: Path, report: Report | None = None) -> Iterator[Finding]:
    """Yield the findings about the blobs in `folder` of the files in `database`.

    With `report`, every byte is read.
    """
    if not database.exists():
        return
    blobs = FolderBlobs(folder)
    try:
        content = examine(blobs, partial(read_store, database), report)
    except UnusableStoreError:  # the line about the database says why
        yield Finding(Verdict.OK, SUBJECT, f"{folder} is not compared with the database")
    except BlobError as exc:
        yield Finding(Verdict.FAIL, SUBJECT, f"{folder} cannot be checked: {exc}")
    else:
        yield from findings(blobs, f"{folder}", content, whole=report is not None)
