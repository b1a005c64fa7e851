"""Guests are added by a link as a whole or not at all, and end, or keep their account."""

import pytest

from chat_server.store.api import (
    GENERAL_ROOM,
    AccountRecord,
    FullError,
    GoneError,
    GuestCounts,
    InvalidInviteError,
    Store,
    TakenError,
)
from support.stored_room import ADA, BEN, ROOM, actions, draft_of, fill_room

_MANY = GuestCounts(by_invite=9, in_room=9)


def _link(store: Store, digest: bytes = b"link", guests: int = 9) -> None:
    store.add_room_invite(draft_of("invite_guests", until=90), digest, 99, guests=guests)


def _add(
    store: Store, name: str = "guest-mia", most: GuestCounts = _MANY, digest: bytes = b"link"
) -> AccountRecord:
    return store.add_guest(name, name, 20, 50, digest, most)[0]


@pytest.fixture
def room(store: Store) -> Store:
    fill_room(store)
    _link(store)
    return store


def test_a_guest_is_in_the_room_of_the_link_alone(room: Store) -> None:
    account, entry = room.add_guest("guest-mia", "guest-Mia", 20, 50, b"link", _MANY)

    assert room.rooms_of(account.id) == [ROOM]
    assert room.account("guest-mia") == account
    assert account.guest_until == 50
    ends = {summary.name: summary.guest_until for summary in room.account_summaries("", 9)}
    assert ends == {"Ada": 0, "Ben": 0, "Cleo": 0, "guest-Mia": 50}
    assert (entry.by, entry.action, entry.target) == ("guest-Mia", "register_guest", "Ada")
    guests = {record.name: record.guest for record in room.members(ROOM, "", 9)}
    assert guests["guest-Mia"]
    assert not guests["Ada"]


def test_a_link_lets_in_several_until_it_expires_and_registers_nobody(room: Store) -> None:
    assert room.guest_room(b"link", 89) == ROOM
    assert room.guest_room(b"link", 90) is None
    assert room.invited_room(b"link", 20) is None
    _add(room, "guest-a")
    _add(room, "guest-b")
    with pytest.raises(InvalidInviteError):
        room.add_invited_account("dag", "Dag", "", 20, b"link")
    with pytest.raises(InvalidInviteError):
        room.add_guest("guest-c", "guest-c", 90, 95, b"link", _MANY)


def test_a_link_stops_with_its_author_and_its_room(room: Store) -> None:
    room.set_locked(ADA, 1)
    assert room.guest_room(b"link", 20) is None
    room.set_locked(ADA, None)
    room.remove_room(ROOM, 1)
    assert room.guest_room(b"link", 20) is None


def test_what_is_refused_adds_nobody(room: Store) -> None:
    _add(room)
    before = actions(room)

    with pytest.raises(TakenError):
        _add(room)
    with pytest.raises(FullError, match="invitation"):
        _add(room, "guest-b", GuestCounts(by_invite=1, in_room=9))
    with pytest.raises(FullError, match="room"):
        _add(room, "guest-b", GuestCounts(by_invite=9, in_room=1))

    assert room.account("guest-b") is None
    assert actions(room) == before


def test_those_who_have_gone_or_kept_it_leave_their_place(room: Store) -> None:
    one = GuestCounts(by_invite=1, in_room=1)
    first = _add(room, "guest-a", one)
    assert room.remove_guest(first.id, 30)
    second = _add(room, "guest-b", one)
    room.keep_guest(second.id, "hash", 30)

    _add(room, "guest-c", one)


def test_guests_end_when_their_time_is_over_or_they_are_in_no_room(room: Store) -> None:
    staying, kicked = _add(room, "guest-a"), _add(room, "guest-b")
    assert room.ended_guests(49) == []
    room.kick(draft_of("kick", target=kicked.id))

    assert room.ended_guests(49) == [kicked]
    assert room.ended_guests(50) == [staying, kicked]
    room.remove_room(ROOM, 1)
    assert room.ended_guests(49) == [staying, kicked]


def test_those_who_are_away_are_found_by_their_link_or_in_its_room(room: Store) -> None:
    _link(room, b"other")
    first, second = _add(room, "guest-a"), _add(room, "guest-b")
    other = _add(room, "guest-c", digest=b"other")
    room.set_last_seen({first.id: 40, other.id: 30})

    def absent(before: int, *, in_room: bool) -> list[AccountRecord]:
        return room.absent_guests(b"link", before, in_room=in_room)

    assert absent(20, in_room=False) == []
    assert absent(21, in_room=False) == [second]  # who has come then, and has never left
    assert absent(41, in_room=False) == [second, first]
    assert absent(41, in_room=True) == [second, other, first]
    assert room.remove_guest(second.id, 41)
    room.keep_guest(first.id, "hash", 41)
    assert absent(99, in_room=True) == [other]


def test_a_removed_guest_leaves_name_and_mark(room: Store) -> None:
    guest = _add(room)
    assert room.has_guests()

    assert room.remove_guest(guest.id, 60)

    assert not room.remove_guest(guest.id, 60)
    assert not room.has_guests()
    assert room.ended_guests(99) == []
    record = room.account("guest-mia")
    assert record is not None
    assert record.removed
    assert record.guest_until
    with pytest.raises(TakenError):
        _add(room)
    with pytest.raises(GoneError):
        room.keep_guest(guest.id, "hash", 70)


def test_a_kept_account_is_an_ordinary_one(room: Store) -> None:
    guest = _add(room)

    [entry] = room.keep_guest(guest.id, "hash", 30)

    assert (entry.by, entry.action) == ("guest-mia", "keep")
    assert room.account("guest-mia") == AccountRecord(guest.id, "guest-mia", "hash")
    assert room.rooms_of(guest.id) == [GENERAL_ROOM, ROOM]
    assert room.ended_guests(99) == []
    assert not room.remove_guest(guest.id, 99)
    for other in guest.id, ADA:
        with pytest.raises(GoneError):
            room.keep_guest(other, "hash", 40)


def test_an_invitation_is_used_up_with_it_or_nothing_is_kept(room: Store) -> None:
    cellar = room.add_room("cellar", "Cellar", BEN, "hash", at=1).id
    invite = draft_of("invite", until=90)
    room.add_room_invite(type(invite)(cellar, BEN, "invite", 10, until=90), b"cellar", 9)
    room.add_invite(b"server", 10, 90)
    guests = [_add(room, f"guest-{letter}") for letter in "abc"]

    with pytest.raises(InvalidInviteError):
        room.keep_guest(guests[0].id, "hash", 30, b"wrong")
    assert room.account("guest-a") == guests[0]
    own, joined = room.keep_guest(guests[0].id, "hash", 30, b"cellar")
    assert (own.action, joined.action, joined.target) == ("keep", "join", "Ben")
    assert room.rooms_of(guests[0].id) == [GENERAL_ROOM, ROOM, cellar]
    room.keep_guest(guests[1].id, "hash", 30, b"server")
    for used in b"cellar", b"server":
        with pytest.raises(InvalidInviteError):
            room.keep_guest(guests[2].id, "hash", 30, used)


def test_no_room_falls_to_a_guest(room: Store) -> None:
    guest = _add(room)
    for member in room.members(ROOM, "", 9):
        if member.account not in (ADA, guest.id):
            room.kick(draft_of("kick", target=member.account))

    [transfer] = room.remove_account(ADA, 30)

    assert (transfer.account, transfer.name) == (None, "")
