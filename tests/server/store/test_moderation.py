"""Bans and mutes are in force until they end."""

import pytest

from chat_server.store.api import AuditDraft, Store
from support.engines import Database
from support.stored_room import ADA, BEN, CLEO, ROOM, draft_of, fill_room


@pytest.fixture
def store(store: Store) -> Store:
    fill_room(store)
    return store


def test_a_ban_ends_the_membership_and_a_mute_does_not(store: Store) -> None:
    store.impose(draft_of("mute", BEN), "mute", 9)
    store.impose(draft_of("ban", CLEO), "ban", 9)

    assert store.is_member(ROOM, BEN)
    assert not store.is_member(ROOM, CLEO)
    assert [mute.account for mute in store.mutes()] == [BEN]
    assert store.ban(ROOM, BEN, 10) is None
    assert store.ban(ROOM, CLEO, 10) is not None


def test_an_expired_ban_is_not_in_force_and_cannot_be_lifted(store: Store) -> None:
    store.impose(draft_of("ban", BEN, until=20), "ban", 9)

    assert store.ban(ROOM, BEN, 19) is not None
    assert store.ban(ROOM, BEN, 20) is None
    assert store.lift(draft_of("unban", BEN, at=20), "ban") is None


def _imposed(database: Database) -> set[tuple[int, str, int]]:
    return set(database.select("SELECT room, kind, account FROM sanction"))


def test_lifting_one_sanction_leaves_all_others(store: Store, database: Database) -> None:
    cellar = store.add_room("cellar", "cellar", ADA, "", 1).id
    for room in (ROOM, cellar):
        for account in (BEN, CLEO):
            store.impose(AuditDraft(room, ADA, "mute", 10, account), "mute", 9)
            store.impose(AuditDraft(room, ADA, "ban", 10, account), "ban", 9)
    before = _imposed(database)

    assert store.lift(draft_of("unmute", BEN), "mute") is not None
    assert before - _imposed(database) == {(ROOM, "mute", BEN)}
    assert store.lift(draft_of("unmute", BEN), "mute") is None


def test_a_second_sanction_replaces_the_first(store: Store) -> None:
    store.impose(draft_of("ban", BEN, until=20), "ban", 9)
    store.impose(draft_of("ban", BEN), "ban", 9)

    assert store.ban(ROOM, BEN, 30) is not None


def test_each_kind_is_bounded_in_each_room_and_those_that_ended_make_place(
    store: Store, database: Database
) -> None:
    cellar = store.add_room("cellar", "cellar", ADA, "", 1).id
    others = [store.add_account(name, name, "", 1).id for name in "defg"]
    for account, until in zip(others, (0, 90, 30, 20), strict=True):
        assert store.impose(draft_of("ban", account, until=until), "ban", 4)
    assert store.impose(draft_of("mute", BEN, until=15), "mute", 1)
    assert store.impose(AuditDraft(cellar, ADA, "ban", 10, BEN, 15), "ban", 1)
    assert store.impose(AuditDraft(cellar, ADA, "ban", 10, others[3], 20), "ban", 2)
    assert store.impose(draft_of("mute", others[3]), "mute", 2)

    assert store.impose(draft_of("ban", BEN), "ban", 4) is None  # at 10, none has ended
    assert store.impose(draft_of("ban", others[0], until=99), "ban", 4)  # no further one
    before = _imposed(database)
    assert store.impose(draft_of("ban", BEN, at=40), "ban", 4)
    assert before - _imposed(database) == {(ROOM, "ban", others[3])}  # that ended first
