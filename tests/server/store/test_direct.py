"""Direct rooms: one per pair of accounts, and not too many per account."""

import pytest

from chat_server.store.api import GENERAL_ROOM, AccountRecord, AuditDraft, Draft, Participant, Store
from support.engines import Engine


def test_a_direct_room_is_added_once(store: Store, ada: AccountRecord, ben: AccountRecord) -> None:
    room = store.open_direct(ada.id, ben.id, at=3)

    assert (room.name, room.owner, room.password) == ("@1-2", "", "")
    assert room.participants == (
        Participant(1, "Ada", True, False),
        Participant(2, "Ben", True, False),
    )
    assert store.open_direct(ada.id, ben.id, at=4) == room == store.rooms()[1]
    assert store.rooms()[0].participants == ()


def test_direct_rooms_are_found_by_name_and_by_member(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    store.add_room("kitchen", "Kitchen", ada.id, "hash", 1)
    cleo = store.add_account("cleo", "Cleo", "", 1).id
    with_ben, with_cleo = (store.open_direct(ada.id, other, at=5) for other in (ben.id, cleo))
    assert store.direct_room("@1-2") == with_ben
    assert store.direct_room("kitchen") is store.direct_room("@2-3") is None
    assert store.direct_rooms_of(ada.id) == [with_ben, with_cleo]
    assert store.direct_rooms_of(cleo) == [with_cleo]

    store.leave(AuditDraft(with_cleo.id, cleo, "exit", at=6), None)
    store.remove_room(with_ben.id, 6)
    assert store.direct_room("@1-2") is None
    assert [room.id for room in store.direct_rooms_of(ada.id)] == [with_cleo.id]
    assert store.direct_rooms_of(cleo) == []
    assert [room.name for room in store.shared_rooms()] == ["general", "Kitchen"]


def test_a_participant_who_left_rejoins_when_the_direct_room_is_opened_again(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.open_direct(ada.id, ben.id, at=3).id
    store.leave(AuditDraft(room, ben.id, "exit", at=3), None)
    assert store.rooms()[1].participants[1] == Participant(2, "Ben", False, False)

    assert store.open_direct(ada.id, ben.id, at=3).participants[1] == Participant(
        2, "Ben", True, False
    )


def test_a_deleted_account_does_not_rejoin(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.open_direct(ada.id, ben.id, at=3).id
    store.remove_account(ben.id, at=4)

    assert store.open_direct(ada.id, ben.id, at=5).participants[1] == Participant(
        2, "Ben", False, True
    )
    assert [member.name for member in store.members(room, "", 9)] == ["Ada"]


def test_the_empty_rooms_are_missed_least_then_the_read_ones_then_the_quietest(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    """The general room and others do not count, nor those removed, left or excluded."""
    store.add_room("kitchen", "Kitchen", ada.id, "hash", 1)
    others = [store.add_account(name, name, "", 1).id for name in "abcdefgh"]
    rooms = [store.open_direct(ada.id, other, at=20 - other).id for other in others]
    old, read, new, older, empty, younger_empty, removed, left = rooms
    for at, (room, by) in enumerate([(older, 0), (old, 0), (new, 1), (read, 1)], start=100):
        store.append([Draft(room, others[rooms.index(room)] if by else ben.id, "x", f"n{at}")], at)
    store.set_read({(ada.id, read): 1})
    store.remove_room(removed, 200)
    store.leave(AuditDraft(left, ada.id, "exit", at=200), None)

    empties = [(younger_empty, 0), (empty, 0)]
    assert _excess(store, ada.id, 1, new) == [*empties, (read, 1), (older, 1), (old, 1)]
    assert _excess(store, ada.id, 4, new) == empties
    assert _excess(store, ada.id, 6, new) == []
    assert _excess(store, ada.id, 1, empty)[-1] == (new, 1)
    assert _excess(store, ben.id, 0, 0) == []


def _excess(store: Store, account: int, limit: int, exclude: int) -> list[tuple[int, int]]:
    """Return the surplus by id, as rooms are compared here."""
    ids = {room.name: room.id for room in store.rooms()}
    surplus = store.excess_direct_rooms(account, limit, exclude)
    return [(ids[name], last_seq) for name, last_seq in surplus]


def test_the_newest_message_says_how_quiet_a_room_is_and_an_empty_one_is_missed_least(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    others = [store.add_account(name, name, "", 1).id for name in "abc"]
    busy, quiet, empty = (
        store.open_direct(ada.id, other, at).id
        for other, at in zip(others, (5, 5, 99), strict=True)
    )
    for at, (room, author) in enumerate([(busy, 0), (quiet, 1), (busy, 0)], start=10):
        store.append([Draft(room, others[author], "x", f"n{at}")], at)
    store.set_read({(ada.id, busy): 2, (ada.id, quiet): 1})

    assert _excess(store, ada.id, 1, 0) == [(empty, 0), (quiet, 1), (busy, 2)]


def test_rooms_that_the_account_has_written_in_are_missed_most(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    """Strangers who write from many accounts displace nobody that an account talks with."""
    stranger = store.add_account("stranger", "Stranger", "", 1).id
    friend, unread = (store.open_direct(ada.id, other, at=5).id for other in (ben.id, stranger))
    store.append([Draft(friend, ada.id, "Hello!", "n1")], 6)
    store.append([Draft(unread, stranger, "Buy this.", "n2")], 7)
    store.set_read({(ada.id, friend): 1})

    assert _excess(store, ada.id, 2, 0) == [(unread, 1)]


def test_an_account_in_too_many_rooms_leaves_those_it_misses_least(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    others = [store.add_account(name, name, "", 1).id for name in "abc"]
    rooms = [store.open_direct(ada.id, other, at=5).id for other in others]
    store.append([Draft(rooms[0], ada.id, "x", "n1")], 6)
    store.leave_excess_direct_rooms(2)

    assert store.rooms_of(ada.id) == [GENERAL_ROOM, rooms[0], rooms[2]]
    assert [store.rooms_of(other)[1:] for other in others] == [[room] for room in rooms]


def test_only_direct_rooms_that_exist_are_left_and_as_many_as_allowed_are_kept(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    kitchen = store.add_room("kitchen", "kitchen", ada.id, "", 1).id
    others = [store.add_account(name, name, "", 1).id for name in "ab"]
    rooms = [store.open_direct(ada.id, other, at=5).id for other in others]
    removed = store.open_direct(ada.id, ben.id, at=5).id
    store.remove_room(removed, 6)
    store.leave_excess_direct_rooms(2)

    assert store.rooms_of(ada.id) == [GENERAL_ROOM, kitchen, *rooms]


def test_only_the_newest_messages_are_scanned_for_the_accounts_own(
    engine: Engine,
    store: Store,
    ada: AccountRecord,
    ben: AccountRecord,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(f"{engine.module('direct')}.MAX_SCANNED", 2)
    cleo = store.add_account("cleo", "Cleo", "", 1).id
    long_ago, recent = (store.open_direct(ada.id, other, at=5).id for other in (ben.id, cleo))
    store.append([Draft(recent, ada.id, "x", "n0"), Draft(long_ago, ada.id, "x", "n1")], 6)
    store.append([Draft(recent, cleo, "x", "n2")], 7)
    store.append([Draft(long_ago, ben.id, "x", nonce) for nonce in ("n3", "n4")], 8)

    assert _excess(store, ada.id, 1, 0) == [(long_ago, 3), (recent, 2)]
    assert _excess(store, ada.id, 2, 0) == [(long_ago, 3)]


def test_a_removed_direct_room_frees_its_name(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    first = store.open_direct(ada.id, ben.id, at=3)
    store.remove_room(first.id, at=4)

    assert store.open_direct(ada.id, ben.id, at=5).id != first.id
