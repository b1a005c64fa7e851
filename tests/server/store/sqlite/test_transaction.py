"""All or nothing, and no other thread waits for the disk."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from chat_server import store as store_package
from chat_server.store.sqlite.transaction import transaction


@pytest.fixture
def db(tmp_path: Path) -> Iterator[apsw.Connection]:
    with closing(apsw.Connection(str(tmp_path / "some.db"))) as db:
        db.pragma("journal_mode", "wal")
        db.execute("CREATE TABLE note (text UNIQUE)")
        yield db


def _notes(db: apsw.Connection) -> list[str]:
    return [text for (text,) in db.execute("SELECT text FROM note ORDER BY text")]


def test_a_transaction_commits_at_its_end(db: apsw.Connection) -> None:
    with transaction(db):
        db.execute("INSERT INTO note VALUES ('one')")
        assert db.in_transaction

    assert not db.in_transaction
    assert _notes(db) == ["one"]


def test_a_failed_transaction_does_nothing_and_the_next_one_works(db: apsw.Connection) -> None:
    with pytest.raises(apsw.ConstraintError), transaction(db):
        db.executemany("INSERT INTO note VALUES (?)", [("one",), ("one",)])
    with transaction(db):
        db.execute("INSERT INTO note VALUES ('two')")

    assert _notes(db) == ["two"]


def test_a_transaction_that_a_full_disk_has_rolled_back_is_over(db: apsw.Connection) -> None:
    pages = db.pragma("max_page_count", db.pragma("page_count") + 2)
    with pytest.raises(apsw.FullError), transaction(db):
        db.execute("INSERT INTO note VALUES (zeroblob(?))", (pages * 65_536,))

    assert not db.in_transaction
    assert _notes(db) == []


def test_other_threads_run_during_a_commit(db: apsw.Connection) -> None:
    db.pragma("cache_size", -100_000)  # so that all is written at the end, and nothing before
    began = ended = 0.0

    def commit() -> None:
        nonlocal began, ended
        with transaction(db):
            db.execute("INSERT INTO note VALUES (zeroblob(50000000))")
            began = time.perf_counter()
        ended = time.perf_counter()

    thread = threading.Thread(target=commit)
    thread.start()
    turns = []
    while thread.is_alive():
        turns.append(time.perf_counter())
        time.sleep(0)  # releases the interpreter's lock, as the event loop does
    thread.join()

    assert sum(began < turn < ended for turn in turns) > 10


def test_the_store_has_no_other_transactions() -> None:
    store = Path(store_package.__file__).parent
    others = re.compile(r"^ +with (self\._)?db:", re.MULTILINE)

    assert [path.name for path in store.rglob("*.py") if others.search(path.read_text())] == []
