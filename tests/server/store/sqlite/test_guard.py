"""Errors of the database are StoreErrors."""

import apsw
import pytest

from chat_server.store.api import GENERAL_ROOM, AccountRecord, Draft, StoreError
from chat_server.store.sqlite.store import SqliteStore
from support.posts import post


def test_a_full_disk_is_a_store_error_that_leaves_everything_readable(
    db: apsw.Connection, store: SqliteStore, ada: AccountRecord
) -> None:
    post(store, ada, "before")
    db.pragma("max_page_count", db.pragma("page_count"))
    big = [Draft(GENERAL_ROOM, ada.id, "x" * 8_000, str(number)) for number in range(10)]

    with pytest.raises(StoreError, match="full"):
        store.append(big, at=2)
    assert [message.seq for message in store.messages_after(GENERAL_ROOM, 0, 10)] == [1]

    db.pragma("max_page_count", 1_000_000)
    assert [receipt.seq for receipt in store.append(big, at=3)] == list(range(2, 12))


def test_every_method_turns_errors_of_the_database_into_store_errors(
    db: apsw.Connection, store: SqliteStore, ada: AccountRecord
) -> None:
    db.close()

    with pytest.raises(StoreError):
        store.account("ada")
    with pytest.raises(StoreError):
        post(store, ada, "n")


def test_a_store_error_names_the_method(store: SqliteStore) -> None:
    with pytest.raises(StoreError, match="add_invite"):
        store.add_invite("no bytes", 1, 2)  # type: ignore[arg-type]
