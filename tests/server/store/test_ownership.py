"""A room has an owner as long as it has members."""

import pytest

from chat_server.store.api import AuditDraft, Store, Transfer
from support.stored_room import ADA, BEN, CLEO, NOBODY, ROOM, actions, draft_of, fill_room, owner


@pytest.fixture
def store(store: Store) -> Store:
    fill_room(store)
    return store


def test_a_room_goes_to_the_successor_its_owner_names(store: Store) -> None:
    assert store.leave(draft_of("exit"), BEN) == Transfer(ROOM, BEN, "Ben", 1)
    assert owner(store) == "Ben"


@pytest.mark.parametrize("successor", [None, NOBODY])
def test_a_room_goes_to_the_oldest_member_if_the_successor_is_none(
    store: Store, successor: int | None
) -> None:
    assert store.leave(draft_of("exit"), successor) == Transfer(ROOM, CLEO, "Cleo", 1)


def test_a_room_whose_last_member_leaves_has_no_owner(store: Store) -> None:
    for account in BEN, CLEO:
        assert store.leave(AuditDraft(ROOM, account, "exit", 10), None) is None

    assert store.leave(draft_of("exit"), None) == Transfer(ROOM, None, "")
    assert owner(store) == ""
    assert actions(store) == []


def test_the_rooms_of_a_removed_account_go_to_their_oldest_members(store: Store) -> None:
    closet = store.add_room("closet", "Closet", ADA, "hash", at=1).id
    gone = store.add_room("gone", "Gone", ADA, "hash", at=1).id
    store.remove_room(gone, 2)

    assert store.remove_account(ADA, 3) == [
        Transfer(ROOM, CLEO, "Cleo"),
        Transfer(closet, None, ""),
    ]


def test_a_new_owner_is_a_member_and_neither_banned_nor_muted(store: Store) -> None:
    for kind in "ban", "mute":
        store.impose(draft_of(kind, BEN), kind, 9)

    store.set_owner(ROOM, BEN, 11)

    assert owner(store) == "Ben"
    assert store.is_member(ROOM, BEN)
    assert store.ban(ROOM, BEN, 11) is None
    assert store.mutes() == []
