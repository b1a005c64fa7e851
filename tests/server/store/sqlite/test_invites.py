"""Invitations work once, until they expire, for their server or room only."""

import apsw
import pytest

from chat_server.store.api import Expiry, InvalidInviteError
from chat_server.store.sqlite.store import SqliteStore
from support.stored_room import ADA, ROOM, draft_of, fill_room

MONTH = 30 * 86_400_000


def test_invitations_that_expired_a_month_ago_are_removed_when_one_is_added(
    store: SqliteStore, db: apsw.Connection
) -> None:
    store.set_expiry(Expiry(MONTH + 6))
    store.add_invite(b"old", at=1, expires=5)
    store.add_invite(b"young", at=4, expires=6)
    store.add_invite(b"new", at=MONTH + 6, expires=MONTH + 10)

    digests = {digest for (digest,) in db.execute("SELECT digest FROM invite")}
    assert digests == {b"new", b"young"}


def test_an_invitation_is_not_removed_by_a_clock_that_is_wrong(store: SqliteStore) -> None:
    store.set_expiry(Expiry(10))
    store.add_invite(b"one", at=10, expires=20)
    store.add_invite(b"two", at=400 * MONTH, expires=400 * MONTH + 10)

    assert store.has_invite(b"one", 19)


def test_an_expired_room_invitation_stays_until_its_place_is_needed(store: SqliteStore) -> None:
    fill_room(store)
    store.add_room_invite(draft_of("invite", until=20), b"one", 2)
    assert store.add_room_invite(draft_of("invite", at=30, until=90), b"two", 2)
    assert store.has_room_invite(ROOM, b"one", 19)

    assert store.add_room_invite(draft_of("invite", at=30, until=80), b"three", 2)
    assert not store.has_room_invite(ROOM, b"one", 19)
    assert store.add_room_invite(draft_of("invite", at=30, until=80), b"four", 2) is None


def test_a_room_invitation_works_once_in_time_and_in_its_room_only(store: SqliteStore) -> None:
    fill_room(store)
    dag = store.add_account("dag", "Dag", "hash", 1).id
    cellar = store.add_room("cellar", "Cellar", ADA, "hash", at=1).id
    store.add_room_invite(draft_of("invite", until=20), b"digest", 9)

    for room, at in (cellar, 10), (ROOM, 20):
        with pytest.raises(InvalidInviteError):
            store.add_member(room, dag, at, b"digest")
        assert not store.is_member(room, dag)
    store.add_member(ROOM, dag, 19, b"digest")
    with pytest.raises(InvalidInviteError):
        store.add_member(ROOM, dag, 19, b"digest")
