"""Bans and mutes are in force until they end."""

import pytest

from chat_server.store.sqlite.store import SqliteStore
from support.stored_room import BEN, CLEO, ROOM, draft_of, fill_room


@pytest.fixture
def store(store: SqliteStore) -> SqliteStore:
    fill_room(store)
    return store


def test_a_ban_ends_the_membership_and_a_mute_does_not(store: SqliteStore) -> None:
    store.impose(draft_of("mute", BEN), "mute", 9)
    store.impose(draft_of("ban", CLEO), "ban", 9)

    assert store.is_member(ROOM, BEN)
    assert not store.is_member(ROOM, CLEO)
    assert [mute.account for mute in store.mutes()] == [BEN]
    assert store.ban(ROOM, BEN, 10) is None
    assert store.ban(ROOM, CLEO, 10) is not None


def test_an_expired_ban_is_not_in_force_and_cannot_be_lifted(store: SqliteStore) -> None:
    store.impose(draft_of("ban", BEN, until=20), "ban", 9)

    assert store.ban(ROOM, BEN, 19) is not None
    assert store.ban(ROOM, BEN, 20) is None
    assert store.lift(draft_of("unban", BEN, at=20), "ban") is None
