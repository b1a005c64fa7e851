"""A database is filled at first, left alone later, and refused if it is somebody else's."""

import psycopg
import pytest

from chat_server.errors import UnusableStoreError
from chat_server.store.postgresql import database
from chat_server.store.postgresql.database import connect, migrate, version_of
from chat_server.store.postgresql.queries import Database
from chat_server.store.postgresql.schema import MIGRATIONS, VERSION
from chat_server.store.postgresql.storage import open_storage
from chat_server.store.postgresql.store import PostgresqlStore
from support.postgresql import silent_host


def test_an_empty_database_is_filled_and_one_of_this_version_left_alone(url: str) -> None:
    with connect(url) as db:
        assert version_of(db) == 0
        for _ in range(2):
            migrate(db)
            assert version_of(db) == VERSION
        assert [room.name for room in PostgresqlStore(db).rooms()] == ["general"]


def test_a_host_that_does_not_answer_is_left_for_the_next_one(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(database._OPTIONS, "connect_timeout", 2)  # the least that psycopg waits
    with silent_host() as silent, connect(url.replace("host=", f"host={silent},")) as db:
        assert db.info.host != silent


def test_a_database_of_an_earlier_version_is_migrated_from_there(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "MIGRATIONS", [*MIGRATIONS, "CREATE TABLE later (a bigint)"])
    monkeypatch.setattr(database, "VERSION", VERSION + 1)

    for _ in range(2):
        migrate(db)

    assert version_of(db) == VERSION + 1


def test_a_migration_that_fails_changes_nothing(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = [*MIGRATIONS, "CREATE TABLE later (a bigint)", "not SQL"]
    monkeypatch.setattr(database, "MIGRATIONS", scripts)
    monkeypatch.setattr(database, "VERSION", VERSION + 2)

    with pytest.raises(psycopg.Error):
        migrate(db)

    assert version_of(db) == VERSION
    assert db.execute("SELECT to_regclass('later')").fetchone() == (None,)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        ("UPDATE version SET number = 1000", "was written by a newer chat-server"),
        ("DROP TABLE message CASCADE", "is not a chat database"),
    ],
)
async def test_the_database_of_another_program_or_a_newer_version_is_refused(
    url: str, db: Database, spoil: str, sentence: str
) -> None:
    db.execute(spoil)

    with pytest.raises(UnusableStoreError, match=sentence):
        async with open_storage(url):
            pass


async def test_a_database_that_does_not_exist_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(UnusableStoreError) as caught:
        async with open_storage(url.replace("/postgres?", "/nowhere?")):
            pass

    assert 'database "nowhere" does not exist' in str(caught.value)
    assert "\n" not in str(caught.value)
