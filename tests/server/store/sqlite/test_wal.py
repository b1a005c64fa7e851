"""Erased texts are not in the log beside a database either."""

from contextlib import closing
from pathlib import Path

import apsw

from chat_server.store.sqlite.database import configure
from chat_server.store.sqlite.wal import truncate_wal

WORD = b"xyzzyplugh"


def _opened(path: Path) -> apsw.Connection:
    db = apsw.Connection(str(path))
    configure(db, "process")
    return db


def _found(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir() if WORD in file.read_bytes()}


def _erased(db: apsw.Connection) -> None:
    db.execute("CREATE TABLE note (text)")
    db.execute("INSERT INTO note VALUES (?)", (WORD.decode(),))
    db.execute("UPDATE note SET text = ''")


def test_a_truncated_log_contains_nothing_that_was_erased(tmp_path: Path) -> None:
    with closing(_opened(tmp_path / "chat.db")) as db:
        _erased(db)
        assert _found(tmp_path) == {"chat.db-wal"}
        assert truncate_wal(db)

        assert _found(tmp_path) == set()
        assert db.execute("SELECT text FROM note").get == ""


def test_truncating_does_not_wait_for_a_reader(tmp_path: Path) -> None:
    with (
        closing(_opened(tmp_path / "chat.db")) as db,
        closing(_opened(tmp_path / "chat.db")) as reader,
    ):
        db.execute("CREATE TABLE before (text)")
        reader.execute("BEGIN; SELECT * FROM before").fetchall()
        _erased(db)
        db.set_busy_timeout(3_600_000)  # an hour: the test would not end
        assert not truncate_wal(db)

        assert db.pragma("busy_timeout") == 3_600_000
        reader.execute("COMMIT")
        assert truncate_wal(db)
        assert _found(tmp_path) == set()
