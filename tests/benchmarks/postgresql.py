"""Our server with its store in PostgreSQL, whose commits are on the disk before they are done.

The database is of its own for each server, alone or with a synchronous standby, and shares all
cores with the generator: on a machine of two cores it takes time from both. What it uses counts
as that of others.
"""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.crowd import Seating
from benchmarks.native import ChatServer
from benchmarks.peers import Running, first_line
from benchmarks.processes import run_to_end
from support.postgresql import find_programs
from support.postgresql_pair import postgresql_pair, postgresql_server

#: Usually a disk; /tmp is memory on many machines.
REAL_DISK: Final = "/var/tmp"

#: As PostgreSQL is by default, but for the number of connections: two servers need ten.
_SETTINGS: Final = "-c max_connections=40"


@dataclass(frozen=True)
class OnPostgresql(ChatServer):
    """The server, and a database that it has to itself."""

    has_standby: bool = False
    #: Where the database is made: a folder that others can look into, on a real disk.
    databases: str = REAL_DISK

    def version(self) -> str:
        """Return both versions."""
        return f"{super().version()}, {first_line(str(find_programs() / 'postgres'), '--version')}"

    @contextlib.contextmanager
    def running(
        self, folder: Path, core: int, seating: Seating, *, tls: bool = False
    ) -> Iterator[Running]:
        """Move a filled data folder into an empty database, and run the server on that."""
        data = self.filled(folder, seating)
        with self._database() as url:
            program = [sys.executable, *self.program]
            run_to_end([*program, "migrate-store", str(data), url], folder)
            store = "--store", url
            with self.serving(data, folder, core, *store, tls=tls, host=seating.host) as server:
                yield server

    @contextlib.contextmanager
    def _database(self) -> Iterator[str]:
        where = _SETTINGS, self.databases
        if self.has_standby:
            with postgresql_pair(*where) as (primary, _):
                yield primary.url
        else:
            with postgresql_server("db1", *where) as server:
                yield server.url
