"""The index holds what was said and is kept, and nothing else."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import apsw
import pytest

from chat_server.store.api import GENERAL_ROOM
from chat_server.store.search_index.indexing import (
    DamagedIndexError,
    Position,
    close_for,
    follow,
    prepare,
    rooms,
    sweep,
)
from chat_server.store.search_index.query import Query, find
from chat_server.store.sqlite.offline import examine_index
from support.indexed import Talk


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    with ExitStack() as cleanup:
        yield Talk(tmp_path, cleanup)


# --- following


def test_a_step_takes_in_no_more_than_it_is_told_to(talk: Talk) -> None:
    talk.say(*"abcde")

    positions = [follow(talk.index, 2) for _ in range(4)]
    assert positions == [Position(2, 5), Position(4, 5), Position(5, 5), Position(5, 5)]
    assert talk.indexed() == [*"abcde"]


@pytest.mark.parametrize("most", [1, 2, 100])
def test_edits_and_deletions_are_followed_in_whatever_steps(talk: Talk, most: int) -> None:
    talk.say("soop", "bread", "a secret")
    talk.catch_up()
    talk.change("edit", 1, "soap")
    talk.change("edit", 1, "soup")
    talk.change("delete", 3)
    talk.change("react", 2, "bread")
    talk.say("early")
    talk.change("edit", 8, "late")
    talk.catch_up(most)

    assert talk.indexed() == ["soup", "bread", "late"]
    assert talk.texts("soop") == talk.texts("secret") == talk.texts("early") == []
    assert [hit.seq for hit in talk.find("bread")] == [2]


def test_what_was_changed_a_moment_ago_is_not_found_as_it_was(talk: Talk) -> None:
    talk.say("soop", "a secret")
    talk.catch_up()
    talk.change("edit", 1, "soup")
    talk.change("delete", 2)

    assert talk.texts("soop") == talk.texts("secret") == []
    assert talk.indexed() == ["soop", "a secret"]


def test_of_what_was_deleted_nothing_is_left_in_the_index(talk: Talk) -> None:
    talk.say("a private word", "another")
    talk.catch_up()
    talk.index.execute("PRAGMA main.wal_checkpoint(truncate)").fetchall()
    before = talk.path.read_bytes()
    talk.change("delete", 1)
    talk.catch_up()
    talk.index.execute("PRAGMA main.wal_checkpoint(truncate)").fetchall()

    assert b"private" in before
    assert b"private" not in talk.path.read_bytes()


def test_what_is_not_kept_any_more_is_swept_in_steps(talk: Talk) -> None:
    kitchen = talk.room("kitchen")
    talk.say(*"abc")
    talk.say(*"xy", room=kitchen)
    talk.catch_up()
    talk.store.remove_old_messages(GENERAL_ROOM, 100, 2)

    assert rooms(talk.index) == [GENERAL_ROOM, kitchen]
    assert [sweep(talk.index, GENERAL_ROOM, 1) for _ in range(3)] == [1, 1, 0]
    assert talk.indexed() == [*"cxy"]


def test_a_room_that_is_gone_is_swept_to_the_end(talk: Talk) -> None:
    kitchen = talk.room("kitchen")
    talk.say(*"xy", room=kitchen)
    talk.say("a")
    talk.catch_up()
    talk.store.remove_room(kitchen, 5)
    while talk.store.purge_removed_rooms(6, 100):
        pass

    assert [sweep(talk.index, kitchen, 10) for _ in range(2)] == [2, 0]
    assert talk.indexed() == ["a"]
    assert rooms(talk.index) == [GENERAL_ROOM]


@pytest.mark.parametrize("number", [3, 4, 5], ids=["fewer", "as many", "more"])
def test_numbers_that_come_again_are_indexed_again(talk: Talk, number: int) -> None:
    again = ["jam", "bread", "honey", "tea", "salt"][:number]
    kitchen = talk.room("kitchen")
    talk.say("stays", room=kitchen)
    talk.say("soup", "bread", "salt", "milk")
    talk.catch_up()
    talk.store.remove_old_messages(GENERAL_ROOM, 100, 100)
    talk.say(*again)
    talk.catch_up()

    assert talk.indexed() == ["stays", *again]
    assert [hit.seq for hit in talk.find("bread")] == [6]


# --- opening


def test_an_index_is_used_again(talk: Talk) -> None:
    talk.say("soup")
    talk.catch_up()
    close_for(talk.index)

    with closing(apsw.Connection(str(talk.path))) as again:
        prepare(again, talk.messages)
        assert follow(again, 1) == Position(1, 1)
        assert len(find(again, Query("soup", [GENERAL_ROOM], 1)).hits) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        "PRAGMA user_version = 99",
        "UPDATE state SET boot = 'another boot'",
        "UPDATE state SET at = 4",
        "DROP TABLE state",
    ],
)
def test_one_of_another_version_or_other_messages_or_torn_is_not(talk: Talk, spoil: str) -> None:
    talk.say("soup")
    talk.catch_up()
    talk.index.execute(spoil).fetchall()

    with closing(apsw.Connection(str(talk.path))) as again, pytest.raises(DamagedIndexError):
        prepare(again, talk.messages)


def test_how_far_it_is_behind_can_be_asked(talk: Talk) -> None:
    talk.say(*"abc")
    follow(talk.index, 1)

    assert examine_index(talk.path, talk.messages) == 2
