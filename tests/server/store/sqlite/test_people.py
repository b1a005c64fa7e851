"""What the store keeps of people in rooms: marks, calls, and rooms of two."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from chat_server.store.api import (
    GENERAL_ROOM,
    AccountRecord,
    AccountState,
    AuditDraft,
    Draft,
    MemberRecord,
    Participant,
    Span,
    Unread,
)
from chat_server.store.sqlite import people
from chat_server.store.sqlite.people import MOST_LOOKED_AT
from chat_server.store.sqlite.schema import MIGRATIONS, VERSION
from chat_server.store.sqlite.store import SqliteStore, configure, migrate
from chat_shared.limits import MAX_COUNTED, MAX_SEQ


@pytest.fixture
def db(tmp_path: Path) -> Iterator[apsw.Connection]:
    with closing(apsw.Connection(str(tmp_path / "chat.db"))) as db:
        configure(db, "process")
        migrate(db)
        yield db


@pytest.fixture
def store(db: apsw.Connection) -> SqliteStore:
    return SqliteStore(db)


@pytest.fixture
def ada(store: SqliteStore) -> AccountRecord:
    return store.add_account("ada", "Ada", "hash", at=1)


@pytest.fixture
def ben(store: SqliteStore) -> AccountRecord:
    return store.add_account("ben", "Ben", "hash", at=2)


def say(store: SqliteStore, author: AccountRecord, *texts: str, room: int = GENERAL_ROOM) -> None:
    last = store.rooms()[0].last_seq
    drafts = [
        Draft(room, author.id, text, f"{room}-{author.id}-{last}-{at}")
        for at, text in enumerate(texts)
    ]
    store.append(drafts, at=5)


def called(store: SqliteStore, account: AccountRecord) -> list[int]:
    """Return the numbers of the messages that call somebody, newest first."""
    return [mention.seq for mention in store.mentions(account.id, MAX_SEQ, 100)]


def unread(store: SqliteStore, account: AccountRecord, after: int = 0, upto: int = 99) -> Unread:
    (counted,) = store.count_unread([Span(account.id, GENERAL_ROOM, after, upto)])
    return counted


# --- how far somebody has read


def test_a_member_begins_with_everything_read(store: SqliteStore, ada: AccountRecord) -> None:
    say(store, ada, "one", "two")
    ben = store.add_account("ben", "Ben", "hash", at=2)

    assert store.account_state(ben.id) == AccountState("", {GENERAL_ROOM: 2})
    assert store.account_state(ada.id) == AccountState("", {GENERAL_ROOM: 0})


def test_a_mark_is_kept_and_may_go_back(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.add_room("kitchen", "Kitchen", ada.id, "hash", 1).id
    store.set_read({(ada.id, GENERAL_ROOM): 7, (ben.id, GENERAL_ROOM): 3, (ada.id, room): 2})
    store.set_read({(ben.id, GENERAL_ROOM): 1, (ben.id, room): 9})  # of the last no member

    assert store.account_state(ada.id).read == {GENERAL_ROOM: 7, room: 2}
    assert store.account_state(ben.id).read == {GENERAL_ROOM: 1}


def test_who_is_a_member_twice_keeps_their_mark(store: SqliteStore, ada: AccountRecord) -> None:
    say(store, ada, "one", "two")
    store.add_member(GENERAL_ROOM, ada.id, at=9)

    assert store.account_state(ada.id).read == {GENERAL_ROOM: 0}


def test_who_was_a_member_before_there_were_marks_has_read_everything(tmp_path: Path) -> None:
    with closing(apsw.Connection(str(tmp_path / "old.db"))) as db:
        configure(db, "process")
        for script in MIGRATIONS[:3]:
            db.execute(script).fetchall()
        db.execute("INSERT INTO account (key, name, password, created) VALUES ('a', 'A', '', 1)")
        db.execute(
            "INSERT INTO room (key, name, password, created, last_seq) VALUES ('k', 'K', '', 1, 42)"
        )
        db.execute("INSERT INTO member VALUES (1, 1, 1), (1, 2, 1)").fetchall()
        db.execute("UPDATE room SET last_seq = 7 WHERE id = 1")
        db.pragma("user_version", 3)
        migrate(db)

        assert db.pragma("user_version") == VERSION
        assert SqliteStore(db).account_state(1) == AccountState("", {1: 7, 2: 42})


def test_only_what_others_said_is_counted_and_only_between_the_bounds(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    say(store, ada, "one @ben", "two", "three @ben")
    say(store, ben, "mine @ben", "mine")
    say(store, ada, "six @ben")

    assert unread(store, ben) == Unread(4, 3)
    assert unread(store, ben, after=1) == Unread(3, 2)
    assert unread(store, ben, after=1, upto=5) == Unread(2, 1)
    assert unread(store, ben, after=6) == Unread(0, 0)
    assert unread(store, ada) == Unread(2, 0)


def test_what_was_taken_back_is_not_counted(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    say(store, ada, "one @ben", "two @ben")
    store.append([Draft(GENERAL_ROOM, ada.id, "", "nonce", change="delete", of=1)], at=5)

    assert unread(store, ben) == Unread(1, 1)


def test_counting_is_bounded(store: SqliteStore, ada: AccountRecord, ben: AccountRecord) -> None:
    say(store, ada, *["@ben"] * (MAX_COUNTED + 1))
    assert unread(store, ben, upto=MAX_SEQ) == Unread(MAX_COUNTED, MAX_COUNTED)

    say(store, ben, *["x"] * MOST_LOOKED_AT)
    assert unread(store, ben, upto=MAX_SEQ).messages == 0  # no further back than the bound
    assert unread(store, ada, upto=MAX_SEQ).messages == MAX_COUNTED


# --- calls


def test_members_are_called_by_name_in_any_case(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    say(store, ada, "@BEN, soup", "nothing", "@ben and @ada and @nobody", "mail ada@ben")

    assert called(store, ben) == [3, 1]
    assert called(store, ada) == []  # oneself does not count
    say(store, ben, "@Ada!")
    assert called(store, ada) == [5]


def test_only_members_of_the_room_are_called(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.add_room("kitchen", "Kitchen", ada.id, "hash", 1).id
    say(store, ada, "@ben", room=room)
    assert called(store, ben) == []

    store.add_member(room, ben.id, at=3)
    assert called(store, ben) == []  # it did not concern them


def test_what_calls_somebody_is_theirs_to_see_while_they_are_members(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.add_room("kitchen", "Kitchen", ada.id, "hash", 1).id
    store.add_member(room, ben.id, at=3)
    say(store, ada, "@ben", room=room)
    (mention,) = store.mentions(ben.id, MAX_SEQ, 9)
    assert (mention.room, mention.seq, mention.author, mention.text) == (
        "Kitchen",
        1,
        "Ada",
        "@ben",
    )

    store.leave(AuditDraft(room, ben.id, "exit", at=3), None)
    assert called(store, ben) == []
    store.add_member(room, ben.id, at=3)
    store.remove_room(room, at=4)
    assert called(store, ben) == []


def test_calls_are_paged_from_the_newest_by_their_id(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    say(store, ada, *["@ben"] * 5)
    first = store.mentions(ben.id, MAX_SEQ, 2)
    second = store.mentions(ben.id, first[-1].id, 9)

    assert [mention.seq for mention in first + second] == [5, 4, 3, 2, 1]


def test_a_message_posted_twice_calls_once(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    for _ in range(2):
        store.append([Draft(GENERAL_ROOM, ada.id, "@ben", "n")], at=5)

    assert called(store, ben) == [1]


def test_calls_go_with_their_messages(
    db: apsw.Connection, store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.add_room("kitchen", "Kitchen", ada.id, "hash", 1).id
    store.add_member(room, ben.id, at=3)
    say(store, ada, "@ben", "@ben")
    say(store, ada, "@ben", room=room)
    store.remove_old_messages(GENERAL_ROOM, before=9, most=1)
    assert called(store, ben) == [1, 2]  # the kitchen's, and what is left in the general room

    store.remove_room(room, at=4)
    while store.purge_removed_rooms(before=9, most=10):
        pass
    assert db.execute("SELECT count(*) FROM mention").get == 1


def test_an_edit_calls_nobody_and_takes_no_call_back_but_a_deletion_does(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    def change(nonce: str, kind: str, of: int, text: str = "") -> None:
        store.append([Draft(GENERAL_ROOM, ada.id, text, nonce, change=kind, of=of)], at=6)

    say(store, ada, "nobody", "@ben")
    change("n1", "edit", 1, "@ben, now")
    change("n2", "edit", 2, "nobody now")
    assert called(store, ben) == [2]

    change("n3", "delete", 2)
    assert called(store, ben) == []


@pytest.mark.parametrize(
    "text", ["@" * 8_000, "@ben " * 1_600, "".join(f"@{n} " for n in range(1_400))]
)
def test_a_text_full_of_signs_does_no_harm(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord, text: str
) -> None:
    say(store, ada, text)

    assert called(store, ben) == ([1] if "ben" in text else [])


# --- where they are


def test_why_and_since_when_somebody_is_not_here_is_kept(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    store.set_away(ada.id, "Cooking.")
    store.set_last_seen({ada.id: 7, 99: 8})

    assert store.account_state(ada.id).away == "Cooking."
    assert store.members(GENERAL_ROOM, "", 9) == [
        MemberRecord(ada.id, "Ada", "Cooking.", 7),
        MemberRecord(ben.id, "Ben", "", 0),
    ]


def test_members_are_counted_up_to_a_number(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    assert [store.has_members(GENERAL_ROOM, number) for number in (1, 2, 3)] == [True, True, False]


# --- rooms of two


def test_a_room_of_two_is_made_once(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.open_direct(ada.id, ben.id, at=3)

    assert (room.name, room.owner, room.password) == ("@1-2", "", "")
    assert room.participants == (
        Participant(1, "Ada", True, False),
        Participant(2, "Ben", True, False),
    )
    assert store.open_direct(ada.id, ben.id, at=4) == room == store.rooms()[1]
    assert store.rooms()[0].participants == ()


def test_to_open_it_again_calls_back_who_has_left(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.open_direct(ada.id, ben.id, at=3).id
    store.leave(AuditDraft(room, ben.id, "exit", at=3), None)
    assert store.rooms()[1].participants[1] == Participant(2, "Ben", False, False)

    assert store.open_direct(ada.id, ben.id, at=3).participants[1] == Participant(
        2, "Ben", True, False
    )


def test_who_was_deleted_becomes_a_member_of_nothing(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.add_room("kitchen", "kitchen", ada.id, "", 1).id
    store.remove_account(ben.id, at=4)
    store.add_member(room, ben.id, at=5)

    assert not store.is_member(room, ben.id)


def test_who_is_deleted_is_not_called_back(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.open_direct(ada.id, ben.id, at=3).id
    store.remove_account(ben.id, at=4)

    assert store.open_direct(ada.id, ben.id, at=5).participants[1] == Participant(
        2, "Ben", False, True
    )
    assert [member.name for member in store.members(room, "", 9)] == ["Ada"]


def test_of_too_many_go_first_the_empty_then_the_read_and_then_the_quietest(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    """The general room and others do not count, nor what was removed, left or asked to stay."""
    store.add_room("kitchen", "Kitchen", ada.id, "hash", 1)
    others = [store.add_account(name, name, "", 1).id for name in "abcdefgh"]
    rooms = [store.open_direct(ada.id, other, at=20 - other).id for other in others]
    old, read, new, older, empty, younger_empty, gone, left = rooms
    for at, (room, by) in enumerate([(older, 0), (old, 0), (new, 1), (read, 1)], start=100):
        store.append([Draft(room, others[rooms.index(room)] if by else ben.id, "x", f"n{at}")], at)
    store.set_read({(ada.id, read): 1})
    store.remove_room(gone, 200)
    store.leave(AuditDraft(left, ada.id, "exit", at=200), None)

    empties = [(younger_empty, 0), (empty, 0)]
    assert store.excess_direct_rooms(ada.id, 1, new) == [*empties, (read, 1), (older, 1), (old, 1)]
    assert store.excess_direct_rooms(ada.id, 4, new) == empties
    assert store.excess_direct_rooms(ada.id, 6, new) == []
    assert store.excess_direct_rooms(ada.id, 1, empty)[-1] == (new, 1)
    assert store.excess_direct_rooms(ben.id, 0, 0) == []


def test_of_too_many_those_stay_longest_in_which_one_has_spoken(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    """Strangers who write from many accounts push out nobody whom one talks with."""
    stranger = store.add_account("stranger", "Stranger", "", 1).id
    friend, unread = (store.open_direct(ada.id, other, at=5).id for other in (ben.id, stranger))
    store.append([Draft(friend, ada.id, "Hello!", "n1")], 6)
    store.append([Draft(unread, stranger, "Buy this.", "n2")], 7)
    store.set_read({(ada.id, friend): 1})

    assert store.excess_direct_rooms(ada.id, 2, 0) == [(unread, 1)]


def test_whoever_is_in_too_many_is_left_in_those_that_they_would_miss(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    others = [store.add_account(name, name, "", 1).id for name in "abc"]
    rooms = [store.open_direct(ada.id, other, at=5).id for other in others]
    store.append([Draft(rooms[0], ada.id, "x", "n1")], 6)
    store.leave_excess_direct_rooms(2)

    assert store.rooms_of(ada.id) == [GENERAL_ROOM, rooms[0], rooms[2]]
    assert [store.rooms_of(other)[1:] for other in others] == [[room] for room in rooms]


def test_to_see_who_has_spoken_no_more_than_the_newest_are_looked_at(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "MOST_LOOKED_AT", 2)
    cleo = store.add_account("cleo", "Cleo", "", 1).id
    long_ago, of_late = (store.open_direct(ada.id, other, at=5).id for other in (ben.id, cleo))
    store.append([Draft(of_late, ada.id, "x", "n0"), Draft(long_ago, ada.id, "x", "n1")], 6)
    store.append([Draft(of_late, cleo, "x", "n2")], 7)
    store.append([Draft(long_ago, ben.id, "x", nonce) for nonce in ("n3", "n4")], 8)

    assert store.excess_direct_rooms(ada.id, 1, 0) == [(long_ago, 3), (of_late, 2)]
    assert store.excess_direct_rooms(ada.id, 2, 0) == [(long_ago, 3)]


def test_a_room_that_was_removed_counts_for_nobody_and_its_name_is_free(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    first = store.open_direct(ada.id, ben.id, at=3)
    store.remove_room(first.id, at=4)

    assert store.open_direct(ada.id, ben.id, at=5).id != first.id
