"""Other programs that use the database are named, as far as the system tells."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_server.store.sqlite.readers import programs_using
from chat_server.store.sqlite.store import SqliteStore

_READ = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("BEGIN")
db.execute("SELECT count(*) FROM account").fetchall()
print("reading", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def reader(store: SqliteStore, path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another program that reads the database until its standard input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", _READ, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "reading\n"
        yield process
        process.communicate("")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system does not tell")
def test_a_program_that_reads_the_database_is_named(
    reader: subprocess.Popen[str], path: Path
) -> None:
    (program,) = programs_using(path)

    assert program.startswith("python")
    assert program.endswith(f"({reader.pid})")


def test_without_another_program_none_is_named(store: SqliteStore, path: Path) -> None:
    assert programs_using(path) == []


def test_of_a_database_that_is_not_there_none_is_named(tmp_path: Path) -> None:
    assert programs_using(tmp_path / "nowhere.db") == []
