"""The index has every message that is kept, and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import apsw
import pytest

from chat_server.store.api import GENERAL_ROOM
from chat_server.store.search_index import indexing
from chat_server.store.search_index.indexing import (
    FLAGS,
    DamagedIndexError,
    Position,
    close_index,
    index_next,
    indexed_rooms,
    prepare,
    purge,
)
from chat_server.store.search_index.query import Query, find
from chat_server.store.sqlite.offline import examine_index
from support.indexed import IndexedStore


@pytest.fixture
def indexed(tmp_path: Path) -> Iterator[IndexedStore]:
    with ExitStack() as cleanup:
        yield IndexedStore(tmp_path, cleanup)


# --- indexing


def test_a_step_indexes_no_more_than_its_limit(indexed: IndexedStore) -> None:
    indexed.post(*"abcde")

    positions = [index_next(indexed.index, 2) for _ in range(4)]
    assert positions == [Position(2, 5), Position(4, 5), Position(5, 5), Position(5, 5)]
    assert indexed.entries() == [*"abcde"]


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_edits_and_deletions_are_indexed_in_steps_of_any_size(
    indexed: IndexedStore, limit: int
) -> None:
    indexed.post("soop", "bread", "a secret")
    indexed.index_all()
    indexed.change("edit", 1, "soap")
    indexed.change("edit", 1, "soup")
    indexed.change("delete", 3)
    indexed.change("react", 2, "bread")
    indexed.post("early")
    indexed.change("edit", 8, "late")
    indexed.index_all(limit)

    assert indexed.entries() == ["soup", "bread", "late"]
    assert indexed.texts("soop") == indexed.texts("secret") == indexed.texts("early") == []
    assert [hit.seq for hit in indexed.find("bread")] == [2]


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_all_messages_of_a_day_are_found_until_its_end_however_they_were_indexed(
    indexed: IndexedStore, limit: int
) -> None:
    day = 86_400_000
    for at in (1, day - 2, day - 1, day, 2 * day):
        indexed.post("soup", at=at)
    indexed.index_all(limit)

    found = [len(indexed.find("soup", until=end)) for end in (day - 1, day, day + 1, 2 * day + 1)]
    assert found == [2, 3, 4, 5]


def test_a_text_that_was_just_changed_is_not_found_any_more(indexed: IndexedStore) -> None:
    indexed.post("soop", "a secret")
    indexed.index_all()
    indexed.change("edit", 1, "soup")
    indexed.change("delete", 2)

    assert indexed.texts("soop") == indexed.texts("secret") == []
    assert indexed.entries() == ["soop", "a secret"]


def test_a_deleted_text_is_not_in_the_index_any_more(indexed: IndexedStore) -> None:
    indexed.post("a private word", "another")
    indexed.index_all()
    indexed.index.execute("PRAGMA main.wal_checkpoint(truncate)").fetchall()
    before = indexed.path.read_bytes()
    indexed.change("delete", 1)
    indexed.index_all()
    indexed.index.execute("PRAGMA main.wal_checkpoint(truncate)").fetchall()

    assert b"private" in before
    assert b"private" not in indexed.path.read_bytes()


def test_messages_that_are_not_kept_are_purged_in_steps(indexed: IndexedStore) -> None:
    kitchen = indexed.room("kitchen")
    indexed.post(*"abc")
    indexed.post(*"xy", room=kitchen)
    indexed.index_all()
    indexed.store.remove_old_messages(GENERAL_ROOM, 100, 2)

    assert indexed_rooms(indexed.index) == [GENERAL_ROOM, kitchen]
    assert [purge(indexed.index, GENERAL_ROOM, 1) for _ in range(3)] == [1, 1, 0]
    assert indexed.entries() == [*"cxy"]
    assert indexed_rooms(indexed.index) == [GENERAL_ROOM, kitchen]


def test_a_removed_room_is_purged_completely(indexed: IndexedStore) -> None:
    kitchen = indexed.room("kitchen")
    indexed.post(*"xy", room=kitchen)
    indexed.post("a")
    indexed.index_all()
    indexed.store.remove_room(kitchen, 5)
    while indexed.store.purge_removed_rooms(6, 100):
        pass

    assert purge(indexed.index, kitchen, 1) == 1
    assert indexed_rooms(indexed.index) == [GENERAL_ROOM, kitchen]
    assert [purge(indexed.index, kitchen, 10) for _ in range(2)] == [1, 0]
    assert indexed.entries() == ["a"]
    assert indexed_rooms(indexed.index) == [GENERAL_ROOM]


@pytest.mark.parametrize("number", [3, 4, 5], ids=["fewer", "as many", "more"])
def test_ids_that_are_used_again_are_indexed_again(indexed: IndexedStore, number: int) -> None:
    again = ["jam", "bread", "honey", "tea", "salt"][:number]
    kitchen = indexed.room("kitchen")
    indexed.post("stays", room=kitchen)
    indexed.post("soup", "bread", "salt", "milk")
    indexed.index_all()
    indexed.store.remove_old_messages(GENERAL_ROOM, 100, 100)
    indexed.post(*again)
    indexed.index_all()

    assert indexed.entries() == ["stays", *again]
    assert [hit.seq for hit in indexed.find("bread")] == [6]


# --- beside the store


@pytest.mark.parametrize(
    "work",
    [
        lambda index: index_next(index, 10),
        lambda index: purge(index, GENERAL_ROOM, 10),
    ],
    ids=["indexing", "purging"],
)
def test_messages_are_stored_during_a_transaction_of_the_index(
    indexed: IndexedStore, work: Callable[[apsw.Connection], object]
) -> None:
    indexed.post("soup")
    posted = []

    def post(_: apsw.Cursor, statement: str, __: object) -> bool:
        if statement == "COMMIT":
            indexed.post("bread")  # raises StoreError where it has to wait for the index
            posted.append("bread")
        return True

    indexed.store._db.set_busy_timeout(0)
    indexed.index.exec_trace = post
    work(indexed.index)

    assert posted == ["bread"]


def test_the_index_cannot_write_to_the_messages(indexed: IndexedStore) -> None:
    with pytest.raises(apsw.ReadOnlyError):
        indexed.index.execute("DELETE FROM chat.message")


# --- opening


def test_an_index_is_used_again(indexed: IndexedStore) -> None:
    indexed.post("soup")
    indexed.index_all()
    close_index(indexed.index)

    with closing(apsw.Connection(str(indexed.path), flags=FLAGS)) as again:
        prepare(again, indexed.messages)
        assert index_next(again, 1) == Position(1, 1)
        assert len(find(again, Query("soup", [GENERAL_ROOM], 1)).hits) == 1


def test_an_index_that_was_not_closed_is_rebuilt_after_a_crash_of_the_system_and_not_otherwise(
    indexed: IndexedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexed.post("soup")
    indexed.index_all()

    def opened() -> None:
        with closing(apsw.Connection(str(indexed.path), flags=FLAGS)) as again:
            prepare(again, indexed.messages)

    opened()  # the process alone was killed
    with monkeypatch.context() as rebooted:
        rebooted.setattr(indexing, "_boot", lambda: "another")
        with pytest.raises(DamagedIndexError):
            opened()
    close_index(indexed.index)
    with monkeypatch.context() as rebooted:
        rebooted.setattr(indexing, "_boot", lambda: "another")
        opened()


@pytest.mark.parametrize(
    "spoil",
    [
        "PRAGMA user_version = 99",
        "UPDATE state SET boot = 'another boot'",
        "UPDATE state SET at = 4",
        "DROP TABLE state",
    ],
)
def test_an_index_of_another_version_or_other_messages_or_half_written_is_not(
    indexed: IndexedStore, spoil: str
) -> None:
    indexed.post("soup")
    indexed.index_all()
    indexed.index.execute(spoil).fetchall()

    with (
        closing(apsw.Connection(str(indexed.path), flags=FLAGS)) as again,
        pytest.raises(DamagedIndexError),
    ):
        prepare(again, indexed.messages)


def test_examine_index_returns_how_many_messages_it_is_behind(indexed: IndexedStore) -> None:
    indexed.post(*"abc")
    index_next(indexed.index, 1)

    assert examine_index(indexed.path, indexed.messages) == 2
