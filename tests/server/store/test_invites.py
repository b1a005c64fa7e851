"""Invitations work once, until they expire, for their server or room only."""

import pytest

from chat_server.store.api import (
    GENERAL_ROOM,
    AuditDraft,
    Expiry,
    InvalidInviteError,
    InvitesFullError,
    Store,
    StoreError,
    TakenError,
)
from support.engines import Database
from support.stored_room import ADA, BEN, CLEO, ROOM, actions, draft_of, fill_room

MONTH = 30 * 86_400_000


def test_invitations_that_expired_a_month_ago_are_removed_when_one_is_added(
    store: Store, database: Database
) -> None:
    store.set_expiry(Expiry(MONTH + 6))
    store.add_invite(b"old", at=1, expires=5)
    store.add_invite(b"young", at=4, expires=6)
    store.add_invite(b"new", at=MONTH + 6, expires=MONTH + 10)

    digests = {digest for (digest,) in database.select("SELECT digest FROM invite")}
    assert digests == {b"new", b"young"}


def test_an_invitation_is_not_removed_by_a_clock_that_is_wrong(store: Store) -> None:
    store.set_expiry(Expiry(10))
    store.add_invite(b"one", at=10, expires=20)
    store.add_invite(b"two", at=400 * MONTH, expires=400 * MONTH + 10)

    assert store.has_invite(b"one", 19)


def test_an_expired_room_invitation_stays_until_its_place_is_needed(store: Store) -> None:
    fill_room(store)
    store.add_room_invite(draft_of("invite", until=20), b"one", 2)
    store.add_room_invite(draft_of("invite", at=30, until=90), b"two", 2)
    assert store.invited_room(b"one", 19) == ROOM

    store.add_room_invite(draft_of("invite", at=30, until=80), b"three", 2)
    assert store.invited_room(b"one", 19) is None
    with pytest.raises(InvitesFullError, match="room"):
        store.add_room_invite(draft_of("invite", at=30, until=80), b"four", 2)
    assert actions(store) == ["invite"] * 3


def test_the_invitations_of_a_member_are_counted_in_all_rooms_while_they_are_valid(
    store: Store,
) -> None:
    fill_room(store)
    cellar = store.add_room("cellar", "Cellar", BEN, "hash", at=1).id
    store.add_room_invite(AuditDraft(ROOM, BEN, "invite", 10, until=20), b"one", 9, 2)
    store.add_room_invite(AuditDraft(cellar, BEN, "invite", 10, until=30), b"two", 9, 2)

    with pytest.raises(InvitesFullError, match="author"):
        store.add_room_invite(AuditDraft(ROOM, BEN, "invite", 19, until=40), b"three", 9, 2)
    store.add_room_invite(AuditDraft(ROOM, CLEO, "invite", 19, until=40), b"four", 9, 2)
    store.add_room_invite(AuditDraft(ROOM, BEN, "invite", 20, until=40), b"five", 9, 2)


def test_a_room_invitation_works_once_in_time_and_in_its_room_only(store: Store) -> None:
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


def test_an_invitation_ends_with_the_membership_of_its_author(store: Store) -> None:
    fill_room(store)
    cellar = store.add_room("cellar", "Cellar", BEN, "hash", at=1).id
    for digest, room in (b"one", ROOM), (b"two", cellar):
        store.add_room_invite(AuditDraft(room, BEN, "invite", 10, until=20), digest, 9)

    store.kick(draft_of("kick", BEN))
    assert store.invited_room(b"one", 11) is None
    assert store.invited_room(b"two", 11) == cellar
    store.remove_account(BEN, 12)
    assert store.invited_room(b"two", 13) is None


def test_an_invitation_rests_while_its_author_is_locked_and_ends_with_its_room(
    store: Store,
) -> None:
    fill_room(store)
    store.add_room_invite(AuditDraft(ROOM, BEN, "invite", 10, until=20), b"digest", 9)

    store.set_locked(BEN, 11)
    assert store.invited_room(b"digest", 12) is None
    store.set_locked(BEN, None)
    assert store.invited_room(b"digest", 12) == ROOM
    store.remove_room(ROOM, 13)
    assert store.invited_room(b"digest", 14) is None


def test_an_invitation_is_listed_and_removed_by_its_author_or_for_the_owner(
    store: Store,
) -> None:
    fill_room(store)
    for number, author in enumerate((BEN, CLEO, BEN)):
        draft = AuditDraft(ROOM, author, "invite", 10, until=20 + number)
        store.add_room_invite(draft, b"digest %d" % number, 9)
    first, second, third = store.room_invites(ROOM, None, 15)

    assert (first.by, first.created, first.expires) == ("Ben", 10, 20)
    assert store.room_invites(ROOM, BEN, 15) == [first, third]
    assert store.room_invites(ROOM, BEN, 20) == [third]
    assert store.room_invites(GENERAL_ROOM, None, 15) == []
    revoked = AuditDraft(ROOM, BEN, "revoke_invitation", 15)
    with pytest.raises(InvalidInviteError):
        store.remove_room_invite(revoked, second.id, BEN)
    assert store.remove_room_invite(revoked, second.id, None)[1] == "Cleo"
    with pytest.raises(InvalidInviteError):
        store.remove_room_invite(revoked, second.id, None)
    assert store.audit_entries(ROOM, 2**50, 1)[0].target == "Cleo"
    assert store.room_invites(ROOM, None, 15) == [first, third]


def test_registering_by_an_invitation_joins_and_says_whose_it_was(store: Store) -> None:
    fill_room(store)
    store.add_room_invite(AuditDraft(ROOM, BEN, "invite", 10, until=20), b"digest", 9)

    dag, entry = store.add_invited_account("dag", "Dag", "hash", 15, b"digest")

    assert store.rooms_of(dag.id) == [GENERAL_ROOM, ROOM]
    assert entry == store.audit_entries(ROOM, 2**50, 1)[0]
    assert (entry.action, entry.by, entry.target, entry.at) == ("join", "Dag", "Ben", 15)
    assert store.invited_room(b"digest", 15) is None


def test_registering_by_an_invitation_to_the_server_joins_no_other_room(
    store: Store,
) -> None:
    store.add_invite(b"digest", at=1, expires=20)

    dag, entry = store.add_invited_account("dag", "Dag", "hash", 15, b"digest")

    assert (store.rooms_of(dag.id), entry) == ([GENERAL_ROOM], None)
    assert not store.has_invite(b"digest", 15)


# Each makes the last of the writes fail, or an earlier one.
_FAULTS = ["audit", "member", "account", "room_invite"]


@pytest.mark.parametrize("table", _FAULTS)
def test_registering_by_an_invitation_is_done_as_a_whole_or_not_at_all(
    store: Store, database: Database, table: str
) -> None:
    fill_room(store)
    store.add_room_invite(AuditDraft(ROOM, BEN, "invite", 10, until=20), b"digest", 9)
    when = "DELETE" if table == "room_invite" else "INSERT"

    with database.refusing(when, table), pytest.raises(StoreError):
        store.add_invited_account("dag", "Dag", "hash", 15, b"digest")

    assert store.account("dag") is None
    assert len(store.members(ROOM, "", 9)) == 3
    assert actions(store) == ["invite"]
    assert store.invited_room(b"digest", 15) == ROOM


@pytest.mark.parametrize("name", ["ben", "dag"])
def test_a_wrong_invitation_adds_no_account_and_reveals_no_names(store: Store, name: str) -> None:
    fill_room(store)

    with pytest.raises(InvalidInviteError):
        store.add_invited_account(name, name, "hash", 15, b"wrong")


def test_a_taken_name_uses_no_invitation_up(store: Store) -> None:
    fill_room(store)
    store.add_room_invite(draft_of("invite", until=20), b"digest", 9)

    with pytest.raises(TakenError):
        store.add_invited_account("ben", "Ben", "hash", 15, b"digest")
    assert store.invited_room(b"digest", 15) == ROOM
