"""Memberships begin and end once, and are paged."""

import pytest

from chat_server.store.api import GENERAL_ROOM, AccountRecord, AuditDraft, GoneError, Store


def test_joining_and_leaving_twice_does_no_harm(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.add_room("kitchen", "Kitchen", ada.id, "room hash", at=3).id
    for _ in range(2):
        store.add_member(room, ben.id, at=4)
    assert store.rooms_of(ben.id) == [GENERAL_ROOM, room]

    for _ in range(2):
        store.leave(AuditDraft(room, ben.id, "exit", 5), None)
    assert store.rooms_of(ben.id) == [GENERAL_ROOM]


def test_members_are_paged_by_their_folded_names(store: Store) -> None:
    for key in ("cleo", "ada", "élise", "ben", "dag"):
        store.add_account(key, key.upper(), "", at=1)

    first = store.members(GENERAL_ROOM, "", 2)
    second = store.members(GENERAL_ROOM, "ben", 10)

    assert [member.name for member in first] == ["ADA", "BEN"]
    assert [member.name for member in second] == ["CLEO", "DAG", "ÉLISE"]


def test_members_are_counted_up_to_a_number(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    assert [store.has_members(GENERAL_ROOM, number) for number in (1, 2, 3)] == [True, True, False]


def test_a_deleted_account_cannot_become_a_member(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.add_room("kitchen", "kitchen", ada.id, "", 1).id
    store.remove_account(ben.id, at=4)
    with pytest.raises(GoneError):
        store.add_member(room, ben.id, at=5)
    with pytest.raises(GoneError):
        store.set_owner(room, ben.id, at=5)
    with pytest.raises(GoneError):
        store.add_room("cellar", "Cellar", ben.id, "", 5)

    assert not store.is_member(room, ben.id)
    assert [(record.name, record.owner) for record in store.rooms()][1:] == [("kitchen", "Ada")]


def test_members_are_those_of_one_room(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    rooms = [store.add_room(name, name, ada.id, "", at=3).id for name in ("attic", "cellar")]
    store.add_member(rooms[0], ben.id, at=4)

    assert [member.name for member in store.members(rooms[1], "", 9)] == ["Ada"]
    assert [store.has_members(room, 2) for room in rooms] == [True, False]
    assert store.is_member(rooms[0], ben.id)
    store.leave(AuditDraft(rooms[0], ada.id, "exit", 5), None)
    assert [store.is_member(room, ada.id) for room in rooms] == [False, True]
    assert [store.is_member(rooms[0], account.id) for account in (ada, ben)] == [False, True]


def test_a_room_goes_to_its_own_oldest_member(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    cleo = store.add_account("cleo", "Cleo", "", at=1)
    room = store.add_room("kitchen", "kitchen", ada.id, "", at=3).id
    store.add_member(room, cleo.id, at=4)
    store.add_member(room, ben.id, at=5)

    transfer = store.leave(AuditDraft(room, ada.id, "exit", 6), None)

    assert transfer is not None
    assert transfer.name == "Cleo"


def test_rooms_that_were_deleted_are_nobodys(store: Store, ada: AccountRecord) -> None:
    rooms = [store.add_room(name, name, ada.id, "", at=3).id for name in "cab"]
    store.remove_room(rooms[1], at=4)

    assert store.rooms_of(ada.id) == [GENERAL_ROOM, rooms[0], rooms[2]]
