"""`chat-server export`: one room as a folder that people and programs can read."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, Literal, TextIO, TypeAlias

from cyclopts import Parameter

from chat_server import clock
from chat_server.admin.commands import Bucket, BucketEndpoint, Data
from chat_server.admin.commands.output import print_lines, report_share
from chat_server.admin.commands.stopping import stoppable
from chat_server.admin.commands.store_copy import new_folder, number_of, places_in
from chat_server.config import default_data
from chat_server.errors import StartError
from chat_server.files.blobs import BlobError, Blobs
from chat_server.files.disk import sync
from chat_server.messages.events import line_of
from chat_server.store.api import RoomRecord, Store
from chat_server.validators import check_store
from chat_shared.export import FORMATS, ExportedRoom, Writer, path_of
from chat_shared.file_names import clean_file_name
from chat_shared.limits import MAX_REACTORS
from chat_shared.messages import File, Line
from chat_shared.names import fold

_Room: TypeAlias = Annotated[str, Parameter(help="Room to export", show_env_var=False)]
_As: TypeAlias = Annotated[
    Literal["html", "markdown", "jsonl"],
    Parameter(
        name="--as", help="html and markdown to read, jsonl for programs", show_env_var=False
    ),
]
_To: TypeAlias = Annotated[
    Path | None, Parameter(help="New folder. Default: the room's name", show_env_var=False)
]
_Store: TypeAlias = Annotated[
    str | None,
    Parameter(help="Use this database, postgresql://…, as the server does", validator=check_store),
]
_NoFiles: TypeAlias = Annotated[
    bool, Parameter(name="--no-files", negative="", help="Leave out what people uploaded")
]

_PAGE: Final = 200  # messages that are in memory at once
_PIECE: Final = 1024 * 1024  # bytes of a file, likewise
_NOBODY: Final = 0  # no account has this id: whose reactions are ours does not matter


def export(
    room: _Room,
    /,
    *,
    as_: _As = "html",
    to: _To = None,
    data: Data = None,
    store: _Store = None,
    bucket: Bucket = None,
    bucket_endpoint: BucketEndpoint = None,
    no_files: _NoFiles = False,
) -> int:
    """Write a room with its files to a new folder (the server may be running)

    Each message has its number. In jsonl, every number up to the last one is a line, so that it can
    be compared with a backup. The exit code is 1 if the content of a file is missing.
    """
    source = places_in(data or default_data(), None if no_files else bucket, bucket_endpoint)
    target = to or Path(clean_file_name(room))
    with stoppable(), _opened(store, source.database) as opened, new_folder(target) as folder:
        record = _find(opened, room)
        written = Export(opened, record, folder, None if no_files else source.files)
        written.write(as_)
    reached = f"messages up to #{record.last_seq:,}" if record.last_seq else "no messages"
    lines = [f"{target}: {reached}, {number_of(written.files)}\n"]
    if written.missing:
        lines.append(f"{number_of(written.missing)} missing; see chat-server check\n")
    print_lines(lines)
    return int(bool(written.missing))


@contextmanager
def _opened(store: str | None, database: Path) -> Generator[Store]:
    if store is not None:
        # Imported here: the server with a file needs no psycopg.
        from chat_server.store.postgresql.examination import read_store as read_database

        with read_database(store) as opened:
            yield opened
        return
    from chat_server.store.sqlite.offline import read_store

    if not database.exists():
        raise StartError(f"There is no database at {database}. Choose the data folder with --data.")
    with read_store(database) as opened:
        yield opened


def _find(store: Store, name: str) -> RoomRecord:
    for room in store.rooms():
        if fold(room.name) == fold(name) and not room.removed:
            return room
    raise StartError(f"There is no room {name}. See chat-server admin rooms list.")


class Export:
    """One room, written to `folder`, which is empty."""

    def __init__(self, store: Store, room: RoomRecord, folder: Path, blobs: Blobs | None) -> None:
        """Without `blobs`, files are named only."""
        self._store = store
        self._room = room
        self._folder = folder
        self._blobs = blobs
        self.files = 0
        self.missing = 0

    def write(self, kind: str) -> None:
        """Write the room in the format `kind`, durably. Raises OSError."""
        made = FORMATS[kind]
        path = self._folder / f"messages{made.suffix}"
        with path.open("w", encoding="utf-8") as page:
            self._write_page(page, made.writer(self._about()))
        sync(path)
        sync(self._folder)
        report_share(1)

    def _about(self) -> ExportedRoom:
        room, at = self._room, clock.rfc3339(clock.now())
        name = room.name
        if room.participants:  # as `admin rooms list` shows it
            name += f" ({' and '.join(each.name for each in room.participants)})"
        return ExportedRoom(name, room.topic, room.owner, at, self._blobs is not None)

    def _write_page(self, page: TextIO, writer: Writer) -> None:
        page.write(writer.begin())
        for line in self._lines():
            page.write(writer.message(line))
            self._copy_files(line)
        page.write(writer.end())

    def _lines(self) -> Iterator[Line]:
        last = 0
        while records := self._store.messages_after(self._room.id, last, _PAGE):
            seqs = [record.seq for record in records if not record.change]
            reactions = self._store.reactions(self._room.id, seqs, _NOBODY, MAX_REACTORS)
            for record in records:
                yield line_of(record, reactions.get(record.seq, ()))
            last = records[-1].seq
            report_share(min(0.99, last / self._room.last_seq))

    def _copy_files(self, line: Line) -> None:
        if self._blobs is None:
            return
        for file in line.files:
            path = self._folder / path_of(line, file)
            path.parent.mkdir(mode=0o700, parents=True)
            try:
                self._copy(self._blobs, file, path)
                self.files += 1
            except BlobError:  # what is there is still worth having
                path.unlink()
                self.missing += 1

    def _copy(self, blobs: Blobs, file: File, path: Path) -> None:
        stored = self._store.stored_file(file.file)
        assert stored is not None  # it is of the same moment as its message
        with path.open("xb") as target:
            for at in range(0, file.size, _PIECE):
                target.write(blobs.read(stored.blob, at, _PIECE))
        sync(path)
