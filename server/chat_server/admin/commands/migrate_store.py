"""`chat-server migrate-store`: the whole store from a data folder into PostgreSQL, or back."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, TypeAlias

from cyclopts import Parameter

from chat_server.addresses import check_store_url, has_password
from chat_server.admin.commands.output import print_lines, report_share
from chat_server.admin.commands.stopping import stoppable
from chat_server.data_folder import DATABASE, FILES, locked
from chat_server.errors import FolderInUseError, SettingsError, StartError
from chat_server.store.migration import Comparison, Summary, copy_store
from chat_server.store.tables import NewTables, Tables

_From: TypeAlias = Annotated[
    str,
    Parameter(name="FROM", help="Data folder, or postgresql://…, to copy", show_env_var=False),
]
_To: TypeAlias = Annotated[
    str,
    Parameter(name="TO", help="Empty database, postgresql://…, or data folder", show_env_var=False),
]


def migrate_store(source: _From, target: _To, /) -> int:
    """Copy all accounts, rooms and messages FROM a data folder TO PostgreSQL, or back

    Stop all servers that use either first. FROM stays as it is; TO must be empty, and gets
    everything or nothing. The copy is read back and compared. The search index is not copied: the
    server rebuilds it. Nor is the content of files, which stays where it is.
    """
    _check_kinds(source, target)
    with stoppable(), _opened(source) as old, _created(target) as new:
        comparisons = copy_store(old, new, report_share)
        print_lines(_table(comparisons))
        if differing := [each.table for each in comparisons if not each.equal]:
            raise StartError(
                f"The copy differs in {', '.join(differing)}, so it was not kept. "
                "Check the disks of both, and try again."
            )
    print_lines([f"{target}: copied and compared; the search index will be rebuilt\n"])
    if any(each.copy.rows for each in comparisons if each.table == "file"):
        print_lines([f"{_content_advice(source, target)}\n"])
    return 0


def _content_advice(source: str, target: str) -> str:
    """Return where the content of files is, which is not in the tables."""
    if _is_url(target):
        folder = _database_in(source).with_name(FILES)
        return (
            f"The content of files is not copied. If it is in {folder}, put it into a bucket: "
            "without --bucket, only a server with it can give it out, and none takes files."
        )
    folder = _database_in(target).with_name(FILES)
    return f"The content of files is not copied. Put it into {folder}, or keep --bucket."


def _check_kinds(source: str, target: str) -> None:
    """Raise SettingsError unless one of the two is a folder and the other one a database."""
    if _is_url(source) == _is_url(target):
        raise SettingsError(
            "One of FROM and TO must be a data folder, and the other one postgresql://…. To copy "
            "between two of a kind, use chat-server backup or pg_dump."
        )
    url = source if _is_url(source) else target
    try:
        check_store_url(url)
    except ValueError as exc:
        raise SettingsError(f'Invalid value "{url}". {exc}') from None
    if has_password(url):
        raise SettingsError(
            "The address of the database must not have a password in it, which others on this "
            "machine could read. Put it into ~/.pgpass, or into a file named by PGPASSFILE."
        )
    if find_spec("psycopg") is None:
        raise StartError(
            "PostgreSQL needs the extra postgresql: in a clone, pip install '.[postgresql]'."
        )


def _is_url(text: str) -> bool:
    return "://" in text


@contextmanager
def _opened(source: str) -> Generator[Tables]:
    """Open the store to copy, while no server uses it. Raises StartError."""
    # Imported here: the server with a file needs no psycopg.
    if _is_url(source):
        from chat_server.store.postgresql.tables import open_tables as open_database

        with open_database(source) as tables:
            yield tables
        return
    from chat_server.store.sqlite.tables import open_tables as open_file

    path = _database_in(source)
    if not path.is_file():
        raise StartError(f"There is no database at {path}. Choose another data folder.")
    with _unused(path.parent), open_file(path) as tables:
        yield tables


@contextmanager
def _created(target: str) -> Generator[NewTables]:
    """Make the new store; it is kept if the block ends well. Raises StartError."""
    if _is_url(target):
        from chat_server.store.postgresql.tables import new_tables as new_in_database

        with new_in_database(target) as tables:
            yield tables
        return
    from chat_server.store.sqlite.tables import new_tables as new_file

    path = _database_in(target)
    with _unused(path.parent), new_file(path) as tables:
        yield tables


def _database_in(folder: str) -> Path:
    """Return the database in a data folder, which may also be named itself."""
    path = Path(folder)
    return path if path.name == DATABASE else path / DATABASE


@contextmanager
def _unused(folder: Path) -> Generator[None]:
    """Keep servers from `folder`. Raises StartError if one uses it."""
    with ExitStack() as lock:
        try:
            lock.enter_context(locked(folder))
        except FolderInUseError:
            raise FolderInUseError(
                f"A chat-server is using the data folder {folder}. Stop it first."
            ) from None
        yield


def _table(comparisons: Sequence[Comparison]) -> Iterator[str]:
    yield f"{'table':<16}{'from':>12}{'to':>12}  checksum\n"
    for each in sorted(comparisons, key=lambda each: each.table):
        yield f"{each.table:<16}{each.source.rows:>12,}{each.copy.rows:>12,}  {_verdict(each)}\n"


def _verdict(each: Comparison) -> str:
    source, copy = _shown(each.source), _shown(each.copy)
    return source if source == copy else f"{source}, but {copy} in the copy"


def _shown(summary: Summary) -> str:
    return f"{summary.checksum:016x}"
