"""Counts of failed log-ins, one per digest."""

import apsw

from chat_server.store.sqlite.store import SqliteStore


def test_attempts_are_counted_per_digest(store: SqliteStore) -> None:
    store.set_login_attempts(b"ada", 3, at=7)

    assert store.login_attempts(b"ada") == (3, 7)
    assert store.login_attempts(b"ben") == (0, 0)


def test_no_failed_attempt_takes_no_row(store: SqliteStore, db: apsw.Connection) -> None:
    store.set_login_attempts(b"ada", 3, at=7)
    store.set_login_attempts(b"ada", 0, at=0)

    assert store.login_attempts(b"ada") == (0, 0)
    assert db.execute("SELECT count(*) FROM login_attempt").get == 0


def test_old_attempts_are_forgotten_and_the_oldest_beyond_the_limit(store: SqliteStore) -> None:
    for at in range(5):
        store.set_login_attempts(bytes([at]), 1, at)

    store.trim_login_attempts(before=1, limit=2)

    assert [at for at in range(5) if store.login_attempts(bytes([at])) != (0, 0)] == [3, 4]
