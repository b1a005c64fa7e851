"""Rooms: one per name, which is free again when the room is removed."""

import pytest

from chat_server.store.api import GENERAL_ROOM, AccountRecord, MemberRecord, Store, TakenError
from support.engines import Database
from support.posts import change, post


def test_the_general_room_exists_from_the_beginning_and_has_no_password(
    store: Store,
) -> None:
    (general,) = store.rooms()

    assert (general.id, general.name, general.owner) == (GENERAL_ROOM, "general", "")
    assert general.password == ""
    assert general.last_seq == 0


def test_a_new_room_has_its_owner_as_its_only_member(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.add_room("kitchen", "Kitchen", ada.id, "room hash", at=3)

    assert (room.name, room.owner, room.password, room.last_seq) == (
        "Kitchen",
        "Ada",
        "room hash",
        0,
    )
    assert store.members(room.id, "", 10) == [MemberRecord(ada.id, "Ada", "", 0)]
    assert store.rooms()[1:] == [room]
    assert store.rooms_of(ben.id) == [GENERAL_ROOM]


def test_a_room_has_the_number_and_the_time_of_its_last_message(
    store: Store, ada: AccountRecord
) -> None:
    def last() -> tuple[int, int]:
        (general,) = store.rooms()
        return general.last_seq, general.last_at

    assert last() == (0, 0)
    post(store, ada, "one", "two", at=5)
    assert last() == (2, 5)
    change(store, ada, "edit", of=1, text="1")
    assert last() == (3, 6)
    post(store, ada, "three", at=3)  # by a clock that is behind
    assert last() == (4, 6)
    post(store, ada, "four", at=9)
    change(store, ada, "react", of=1, text="👍")
    assert last() == (6, 9)
    assert [message.at for message in store.messages_after(GENERAL_ROOM, 3, 9)] == [6, 9, 9]
    store.remove_old_messages(GENERAL_ROOM, 10, 100)
    assert last() == (6, 9)


def test_a_room_name_is_given_once(store: Store, ada: AccountRecord) -> None:
    store.add_room("kitchen", "Kitchen", ada.id, "room hash", at=3)
    with pytest.raises(TakenError):
        store.add_room("general", "General", ada.id, "", at=4)
    with pytest.raises(TakenError):
        store.add_room("kitchen", "KITCHEN", ada.id, "", at=4)

    assert len(store.rooms()) == 2


def test_a_room_without_an_owner_has_no_members(store: Store) -> None:
    store.add_unowned_room("cellar", "Cellar", "hash", 1)

    with pytest.raises(TakenError):
        store.add_unowned_room("cellar", "CELLAR", "hash", 1)
    assert [(room.name, room.owner, room.members) for room in store.room_summaries()] == [
        ("general", "", 0),
        ("Cellar", "", 0),
    ]


def test_a_removed_room_frees_its_name_at_once(store: Store, ada: AccountRecord) -> None:
    old = store.add_room("kitchen", "kitchen", ada.id, "hash", 1)

    store.remove_room(old.id, 2)
    new = store.add_room("kitchen", "kitchen", ada.id, "hash", 3)

    assert store.rooms_of(ada.id) == [GENERAL_ROOM, new.id]
    assert [room.name for room in store.room_summaries()] == ["general", "kitchen"]
    assert [(room.id, room.removed) for room in store.rooms()] == [
        (GENERAL_ROOM, False),
        (old.id, True),
        (new.id, False),
    ]


def test_all_rooms_are_read_with_one_statement(
    store: Store, ada: AccountRecord, ben: AccountRecord, database: Database
) -> None:
    store.open_direct(ada.id, ben.id, 3)
    store.add_room("kitchen", "Kitchen", ada.id, "room hash", at=3)

    assert database.statements(store.rooms) == ["SELECT"]
    general, direct, kitchen = store.rooms()
    assert [p.name for p in direct.participants] == ["Ada", "Ben"]
    assert (general.participants, kitchen.participants) == ((), ())
