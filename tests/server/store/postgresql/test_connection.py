"""Whole transactions, whatever fails: a statement, the disk, the connection."""

from contextlib import closing, suppress

import psycopg
import pytest

from chat_server.store.api import Store, StoreError
from chat_server.store.errors import DiskFullError, StoreLost
from chat_server.store.postgresql.connection import PostgresqlConnection, lose_together
from chat_server.store.postgresql.database import connect
from chat_server.store.postgresql.queries import Database
from chat_server.store.postgresql.transaction import in_transaction

NOBODY = 999


def _add(store: Store) -> None:
    store.add_account("ada", "Ada", "", 0)


def test_an_error_that_is_caught_undoes_all_the_same(
    connection: PostgresqlConnection, db: Database
) -> None:
    def act(store: Store) -> None:
        _add(store)
        with suppress(StoreError):
            store.add_token(b"digest", NOBODY, 0, 1)

    with pytest.raises(StoreError, match="a statement of the transaction has failed"):
        connection.write(act)

    assert not in_transaction(db)
    assert connection.read(lambda store: store.account("ada")) is None


def test_a_store_error_names_the_method_in_one_line(connection: PostgresqlConnection) -> None:
    with pytest.raises(StoreError, match=r"^add_token: insert or update .* violates") as caught:
        connection.write(lambda store: store.add_token(b"digest", NOBODY, 0, 1))

    assert "\n" not in str(caught.value)


def test_a_full_disk_is_told_from_other_errors(
    connection: PostgresqlConnection, db: Database
) -> None:
    db.execute(
        "CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE 'no space' USING ERRCODE = 'disk_full'; END $$;"
        "CREATE TRIGGER fill BEFORE INSERT ON account EXECUTE FUNCTION fill()"
    )

    with pytest.raises(DiskFullError):
        connection.write(_add)


def test_a_query_cannot_write(connection: PostgresqlConnection) -> None:
    with pytest.raises(StoreError, match="read-only"):
        connection.read(_add)


def test_a_query_sees_one_moment(connection: PostgresqlConnection, url: str) -> None:
    with closing(PostgresqlConnection(connect(url))) as other:

        def read(store: Store) -> tuple[bool, bool]:
            before = store.account("ada") is None
            other.write(_add)
            return before, store.account("ada") is None

        assert connection.read(read) == (True, True)
    assert connection.read(lambda store: store.account("ada")) is not None


def test_a_lost_connection_is_no_error_to_go_on_from_and_stays_lost(
    connection: PostgresqlConnection, db: Database, url: str
) -> None:
    def act(store: Store) -> None:
        _add(store)
        _terminate(db, url)
        store.account("ada")

    for lost in act, _add:
        with pytest.raises(StoreLost, match="terminating connection"):
            connection.write(lost)
    with pytest.raises(StoreLost):
        connection.read(lambda store: store.rooms())
    with closing(PostgresqlConnection(connect(url))) as other:
        assert other.read(lambda store: store.account("ada")) is None


def test_connections_are_lost_together(url: str, db: Database) -> None:
    with (
        closing(PostgresqlConnection(connect(url))) as one,
        closing(PostgresqlConnection(connect(url))) as other,
    ):
        lose_together([one, other])
        one.use(lambda db: _terminate(db, url))

        for connection in one, other:
            with pytest.raises(StoreLost):
                connection.read(lambda store: store.rooms())


def test_an_interrupted_connection_answers_no_more(connection: PostgresqlConnection) -> None:
    connection.interrupt()

    with pytest.raises(StoreLost):
        connection.check()


def test_a_commit_with_a_warning_is_in_doubt(
    connection: PostgresqlConnection, db: Database
) -> None:
    """As the one that a standby did not confirm since somebody cancelled the wait for it."""
    db.execute(
        "CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE WARNING 'canceled'; RETURN NEW; END $$;"
        "CREATE TRIGGER warn BEFORE INSERT ON account EXECUTE FUNCTION warn()"
    )

    with pytest.raises(StoreLost, match="canceled"):
        connection.write(_add)


def _terminate(db: Database, url: str) -> None:
    with psycopg.connect(url) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (db.info.backend_pid,))
