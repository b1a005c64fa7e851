"""Accounts: one per name, deleted but never given away."""

import pytest

from chat_server.store.api import GENERAL_ROOM, AccountRecord, MemberRecord, Store, TakenError
from support.posts import post


def test_an_account_is_found_by_its_key(store: Store, ada: AccountRecord) -> None:
    assert store.account("ada") == ada == AccountRecord(ada.id, "Ada", "hash")
    assert store.account("Ada") is None


def test_a_name_is_given_once_and_the_second_try_leaves_nothing(
    store: Store, ada: AccountRecord
) -> None:
    with pytest.raises(TakenError):
        store.add_account("ada", "ADA", "other", at=2)

    assert store.account("ada") == ada
    assert store.members(GENERAL_ROOM, "", 10) == [MemberRecord(ada.id, "Ada", "", 0)]


def test_a_new_account_is_a_member_of_the_general_room_only(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    store.add_room("kitchen", "Kitchen", ada.id, "room hash", at=3)

    assert store.rooms_of(ben.id) == [GENERAL_ROOM]


def test_a_password_can_be_replaced(store: Store, ada: AccountRecord) -> None:
    store.set_password(ada.id, "better")

    account = store.account("ada")
    assert account is not None
    assert account.password == "better"


def test_a_deleted_account_keeps_its_messages_and_its_name(
    store: Store, ada: AccountRecord
) -> None:
    room = store.add_room("kitchen", "kitchen", ada.id, "hash", 1)
    store.add_token(b"digest", ada.id, 1, 20)
    post(store, ada, "text")

    store.remove_account(ada.id, 2)

    assert [message.author for message in store.messages_after(GENERAL_ROOM, 0, 9)] == ["Ada"]
    with pytest.raises(TakenError):
        store.add_account("ada", "ADA", "another", 3)
    deleted = store.account("ada")
    assert deleted is not None
    assert deleted.removed
    assert deleted.password == ""
    assert store.account_of_token(b"digest") is None
    assert store.rooms_of(ada.id) == []
    assert store.members(room.id, "", 9) == []
    assert [record.owner for record in store.rooms()] == ["", ""]
    assert store.account_summaries("", 9) == []
