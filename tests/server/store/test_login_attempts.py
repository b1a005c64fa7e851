"""Counts of failed log-ins, one per digest."""

from chat_server.store.api import Store
from support.engines import Database


def test_attempts_are_counted_per_digest(store: Store) -> None:
    store.set_login_attempts(b"ada", 3, at=7)

    assert store.login_attempts(b"ada") == (3, 7)
    assert store.login_attempts(b"ben") == (0, 0)


def test_no_failed_attempt_takes_no_row(store: Store, database: Database) -> None:
    store.set_login_attempts(b"ada", 3, at=7)
    store.set_login_attempts(b"ada", 0, at=0)

    assert store.login_attempts(b"ada") == (0, 0)
    assert database.select("SELECT count(*) FROM login_attempt") == [(0,)]


def test_old_attempts_are_forgotten_and_the_oldest_beyond_the_limit(store: Store) -> None:
    for at in range(5):
        store.set_login_attempts(bytes([at]), 1, at)

    store.trim_login_attempts(before=1, limit=2)

    assert [at for at in range(5) if store.login_attempts(bytes([at])) != (0, 0)] == [3, 4]
