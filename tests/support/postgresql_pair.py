"""Servers of PostgreSQL that a test stops, kills, copies and promotes."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psycopg

from support.postgresql import find_programs

# The process is killed and not the machine, so nothing must be on the disk.
FLEETING: Final = (
    "-c fsync=off -c full_page_writes=off -c autovacuum=off"
    " -c shared_buffers=32MB -c max_connections=40"
)


_AGAIN: Final = 0.02  # seconds until a server is asked again


class PostgresqlServer:
    """One server, on a Unix socket in its folder within `parent`, with `settings` as options."""

    def __init__(self, name: str, settings: str = FLEETING, parent: str = "/tmp") -> None:
        self.name = name
        self._settings = settings
        self._programs = find_programs()
        # Not pytest's folder: the server does not run as root, and a socket's path must be short.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir=parent))
        self._data = self.folder / "data"
        self._user = "nobody" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(self.folder, self._user)

    @property
    def url(self) -> str:
        return f"postgresql://chat@/postgres?host={self.folder}"

    def create(self) -> None:
        options = ("--no-sync", "-A", "trust", "-U", "chat", "-E", "UTF8", "--locale", "C")
        self._run("initdb", "-D", str(self._data), *options)

    def copy(self, primary: "PostgresqlServer") -> None:
        """Begin as a standby of `primary`; what was here before is gone."""
        shutil.rmtree(self._data, ignore_errors=True)
        # The lock of one that was killed holds until the system has forgotten its process.
        for left in self.folder.glob(".s.PGSQL.*"):
            left.unlink()
        source = f"host={primary.folder} user=chat application_name={self.name}"
        options = ("-d", source, "-D", str(self._data), "-R", "-c", "fast", "--no-sync")
        self._run("pg_basebackup", *options)

    def add_file(self, name: str, content: bytes) -> None:
        """Write a file into its folder that only this server can read."""
        path = self.folder / name
        path.write_bytes(content)
        path.chmod(0o600)
        if self._user:
            shutil.chown(path, self._user)

    def start(self, further: str = "") -> None:
        """Start it, with `further` options for this time."""
        options = f"-k {self.folder} -c listen_addresses='' {self._settings} {further}"
        self._pg_ctl("start", "-l", f"{self.folder}/log", "-o", options)

    def stop(self) -> None:
        self._pg_ctl("stop", "-m", "immediate")

    def kill(self) -> None:
        """Kill all of its processes at once."""
        self.freeze()
        self._signal(signal.SIGKILL)

    def freeze(self) -> None:
        """Stop all of its processes as they are: connections stay open, and nothing answers."""
        os.kill(self._first_process(), signal.SIGSTOP)  # which starts no others from now on
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def promote(self) -> None:
        self.wait_for("")
        self._pg_ctl("promote")

    def wait_for(self, standby: str) -> None:
        """From now on, let commits wait for `standby`; for nobody if it is empty."""
        # A line of the last setting wins; a standby cannot ALTER SYSTEM.
        with (self._data / "postgresql.auto.conf").open("a") as file:
            file.write(f"synchronous_standby_names = '{standby}'\n")
        self._pg_ctl("reload")

    def is_followed_by(self, standby: str) -> bool:
        """Return whether commits wait for `standby`, and it is there."""
        with psycopg.connect(self.url) as db:
            found = db.execute(
                "SELECT FROM pg_stat_replication WHERE application_name = %s"
                " AND sync_state = 'sync'",
                (standby,),
            ).fetchone()
        return found is not None

    def remove(self) -> None:
        if (self._data / "postmaster.pid").exists():
            self.thaw()
            subprocess.run(
                self._command("pg_ctl", "-D", str(self._data), "stop", "-m", "immediate"),
                user=self._user,
                cwd=self.folder,
                check=False,
                capture_output=True,
            )
        shutil.rmtree(self.folder)

    def _signal(self, number: int) -> None:
        """Send a signal to all of its processes."""
        first = self._first_process()
        listed = subprocess.run(
            ["pgrep", "-P", str(first)], capture_output=True, text=True, check=False
        )
        for pid in (first, *map(int, listed.stdout.split())):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _first_process(self) -> int:
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def _pg_ctl(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-w", "-s", *arguments)

    def _command(self, program: str, *arguments: str) -> list[str]:
        return [str(self._programs / program), *arguments]

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            self._command(program, *arguments),
            check=True,
            user=self._user,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def postgresql_server(name: str = "db1", *where: str) -> Iterator[PostgresqlServer]:
    """Yield a server that has been started; it is gone at the end.

    `where` is what follows the name of a `PostgresqlServer`.
    """
    server = PostgresqlServer(name, *where)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.remove()


@contextmanager
def postgresql_pair(*where: str) -> Iterator[tuple[PostgresqlServer, PostgresqlServer]]:
    """Yield a primary and the standby that its commits wait for."""
    with postgresql_server("db1", *where) as primary:
        standby = PostgresqlServer("db2", *where)
        try:
            follow(standby, primary)
            yield primary, standby
        finally:
            standby.remove()


def follow(standby: PostgresqlServer, primary: PostgresqlServer) -> None:
    """Make `standby` a new copy of `primary`, whose commits wait for it from now on."""
    standby.copy(primary)
    standby.start()
    primary.wait_for(standby.name)
    while not primary.is_followed_by(standby.name):
        time.sleep(_AGAIN)
