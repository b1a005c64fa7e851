"""What the store promises: whole transactions, numbers without holes, nonces that count once."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest
from hypothesis import given, settings, strategies as st

from chat_server.store.api import (
    GENERAL_ROOM,
    AccountRecord,
    AuditDraft,
    Draft,
    MemberRecord,
    StoreError,
    TakenError,
)
from chat_server.store.sqlite.store import SqliteStore, back_up, configure, migrate


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


def _draft(author: AccountRecord, nonce: str, room: int = GENERAL_ROOM) -> Draft:
    return Draft(room, author.id, f"text of {nonce}", nonce)


def _room(store: SqliteStore, owner: AccountRecord, key: str = "kitchen") -> int:
    return store.add_room(key, key.title(), owner.id, "room hash", at=3).id


# --- accounts


def test_an_account_is_found_by_its_key(store: SqliteStore, ada: AccountRecord) -> None:
    assert store.account("ada") == ada == AccountRecord(ada.id, "Ada", "hash")
    assert store.account("Ada") is None


def test_a_name_is_given_once_and_nothing_is_left_of_the_second_try(
    store: SqliteStore, ada: AccountRecord
) -> None:
    with pytest.raises(TakenError):
        store.add_account("ada", "ADA", "other", at=2)

    assert store.account("ada") == ada
    assert store.members(GENERAL_ROOM, "", 10) == [MemberRecord(ada.id, "Ada", "", 0)]


def test_a_new_account_is_in_the_general_room_and_in_no_other(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    _room(store, ada)

    assert store.rooms_of(ben.id) == [GENERAL_ROOM]


def test_a_password_can_be_replaced(store: SqliteStore, ada: AccountRecord) -> None:
    store.set_password(ada.id, "better")

    account = store.account("ada")
    assert account is not None
    assert account.password == "better"


# --- tokens


def test_a_token_leads_to_its_account_until_it_is_removed(
    store: SqliteStore, ada: AccountRecord
) -> None:
    assert store.add_token(b"digest", ada.id, at=1, keep=20) == []
    assert store.account_of_token(b"digest") == ada

    store.revoke_token(b"digest")
    assert store.account_of_token(b"digest") is None
    assert store.account_of_token(b"") is None


def test_the_oldest_tokens_beyond_the_bound_are_void(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    store.add_token(b"ben's", ben.id, at=0, keep=2)
    for at, digest in enumerate((b"first", b"second")):
        assert store.add_token(digest, ada.id, at, keep=2) == []

    assert store.add_token(b"third", ada.id, at=2, keep=2) == [b"first"]
    assert store.account_of_token(b"first") is None
    assert store.account_of_token(b"second") == ada
    assert store.account_of_token(b"ben's") == ben


def test_a_fresh_token_stays_even_when_the_clock_was_set_back(
    store: SqliteStore, ada: AccountRecord
) -> None:
    store.add_token(b"old", ada.id, at=5, keep=1)

    assert store.add_token(b"fresh", ada.id, at=5, keep=1) == [b"old"]
    assert store.account_of_token(b"fresh") == ada


# --- rooms


def test_the_general_room_is_there_from_the_beginning_and_has_no_password(
    store: SqliteStore,
) -> None:
    (general,) = store.rooms()

    assert (general.id, general.name, general.owner) == (GENERAL_ROOM, "general", "")
    assert general.password == ""
    assert general.last_seq == 0


def test_a_room_is_made_with_its_owner_as_its_only_member(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.add_room("kitchen", "Kitchen", ada.id, "room hash", at=3)

    assert (room.name, room.owner, room.password, room.last_seq) == (
        "Kitchen",
        "Ada",
        "room hash",
        0,
    )
    assert store.members(room.id, "", 10) == [MemberRecord(ada.id, "Ada", "", 0)]
    assert store.rooms()[1:] == [room]
    assert store.rooms_of(ben.id) == [GENERAL_ROOM]


def test_a_room_name_is_given_once(store: SqliteStore, ada: AccountRecord) -> None:
    _room(store, ada)
    with pytest.raises(TakenError):
        store.add_room("general", "General", ada.id, "", at=4)
    with pytest.raises(TakenError):
        store.add_room("kitchen", "KITCHEN", ada.id, "", at=4)

    assert len(store.rooms()) == 2


def test_to_join_twice_and_to_leave_twice_do_no_harm(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = _room(store, ada)
    for _ in range(2):
        store.add_member(room, ben.id, at=4)
    assert store.rooms_of(ben.id) == [GENERAL_ROOM, room]

    for _ in range(2):
        store.leave(AuditDraft(room, ben.id, "exit", 5), None)
    assert store.rooms_of(ben.id) == [GENERAL_ROOM]


def test_members_come_in_pages_by_their_folded_names(store: SqliteStore) -> None:
    for key in ("cleo", "ada", "élise", "ben", "dag"):
        store.add_account(key, key.upper(), "", at=1)

    first = store.members(GENERAL_ROOM, "", 2)
    second = store.members(GENERAL_ROOM, "ben", 10)

    assert [member.name for member in first] == ["ADA", "BEN"]
    assert [member.name for member in second] == ["CLEO", "DAG", "ÉLISE"]


# --- messages


def test_a_message_is_kept_as_it_was_said(store: SqliteStore, ada: AccountRecord) -> None:
    text = "a\0b\n\t🍲 \u202e ' \" \\"
    (receipt,) = store.append([Draft(GENERAL_ROOM, ada.id, text, "nonce\0é")], at=42)

    (message,) = store.messages_after(GENERAL_ROOM, 0, 10)
    assert (message.seq, message.author, message.text, message.at, message.nonce) == (
        1,
        "Ada",
        text,
        42,
        "nonce\0é",
    )
    assert (receipt.room, receipt.seq, receipt.at, receipt.fresh) == (GENERAL_ROOM, 1, 42, True)


def test_every_room_counts_for_itself(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    kitchen = _room(store, ada)
    receipts = store.append(
        [
            _draft(ada, "1"),
            _draft(ben, "1", kitchen),
            _draft(ben, "2"),
            _draft(ada, "2", kitchen),
            _draft(ada, "3"),
        ],
        at=1,
    )

    assert [(receipt.room, receipt.seq) for receipt in receipts] == [
        (GENERAL_ROOM, 1),
        (kitchen, 1),
        (GENERAL_ROOM, 2),
        (kitchen, 2),
        (GENERAL_ROOM, 3),
    ]
    assert [room.last_seq for room in store.rooms()] == [3, 2]


def test_a_nonce_that_is_known_gets_the_first_receipt_again(
    store: SqliteStore, ada: AccountRecord
) -> None:
    (first,) = store.append([_draft(ada, "n")], at=1)
    again, next_one = store.append([_draft(ada, "n"), _draft(ada, "m")], at=2)

    assert (again.seq, again.at, again.fresh) == (first.seq, first.at, False)
    assert (next_one.seq, next_one.at, next_one.fresh) == (2, 2, True)
    assert len(store.messages_after(GENERAL_ROOM, 0, 10)) == 2


def test_a_nonce_twice_in_one_batch_is_one_message(store: SqliteStore, ada: AccountRecord) -> None:
    receipts = store.append([_draft(ada, "n"), _draft(ada, "n"), _draft(ada, "m")], at=1)

    assert [(receipt.seq, receipt.fresh) for receipt in receipts] == [
        (1, True),
        (1, False),
        (2, True),
    ]


def test_a_nonce_is_its_authors_own(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    receipts = store.append([_draft(ada, "n"), _draft(ben, "n")], at=1)

    assert [receipt.seq for receipt in receipts] == [1, 2]


def test_a_nonce_that_was_used_in_another_room_says_where(
    store: SqliteStore, ada: AccountRecord
) -> None:
    kitchen = _room(store, ada)
    store.append([_draft(ada, "n", kitchen)], at=1)

    (again,) = store.append([_draft(ada, "n")], at=2)

    assert (again.room, again.seq, again.fresh) == (kitchen, 1, False)
    assert store.messages_after(GENERAL_ROOM, 0, 10) == []


def test_a_batch_that_fails_leaves_nothing(store: SqliteStore, ada: AccountRecord) -> None:
    nobody = AccountRecord(999, "Nobody", "")
    with pytest.raises(StoreError, match="append"):
        store.append([_draft(ada, "n"), _draft(nobody, "m")], at=1)

    assert store.messages_after(GENERAL_ROOM, 0, 10) == []
    assert store.append([_draft(ada, "n")], at=1)[0].seq == 1


def test_pages_are_bounded_on_both_sides_and_oldest_first(
    store: SqliteStore, ada: AccountRecord
) -> None:
    store.append([_draft(ada, str(number)) for number in range(1, 11)], at=1)

    def seqs_before(before: int, limit: int) -> list[int]:
        return [message.seq for message in store.messages_before(GENERAL_ROOM, before, limit)]

    def seqs_after(after: int, limit: int) -> list[int]:
        return [message.seq for message in store.messages_after(GENERAL_ROOM, after, limit)]

    assert seqs_before(8, 3) == [5, 6, 7]
    assert seqs_before(3, 10) == [1, 2]
    assert seqs_before(1, 10) == []
    assert seqs_after(7, 2) == [8, 9]
    assert seqs_after(8, 10) == [9, 10]
    assert seqs_after(10, 10) == []
    assert seqs_before(2**53 - 1, 1) == [10]


_batches = st.lists(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(0, 9)), max_size=8),
    max_size=8,
)


@settings(max_examples=50)
@given(_batches)
def test_whatever_is_repeated_numbers_have_no_holes_and_a_nonce_one_place(
    batches: list[list[tuple[int, int, int]]],
) -> None:
    with closing(apsw.Connection(":memory:")) as db:
        configure(db, "process")
        migrate(db)
        store = SqliteStore(db)
        authors = [store.add_account(key, key, "", at=0) for key in ("ada", "ben")]
        rooms = [GENERAL_ROOM, _room(store, authors[0]), _room(store, authors[0], "cellar")]
        places: dict[tuple[int, str], tuple[int, int]] = {}
        for batch in batches:
            drafts = [
                _draft(authors[author], str(nonce), rooms[room]) for author, room, nonce in batch
            ]
            for draft, receipt in zip(drafts, store.append(drafts, at=0), strict=True):
                known = (draft.author, draft.nonce)
                assert receipt.fresh == (known not in places)
                place = places.setdefault(known, (receipt.room, receipt.seq))
                assert (receipt.room, receipt.seq) == place
                assert not receipt.fresh or receipt.room == draft.room

        for room in store.rooms():
            seqs = [message.seq for message in store.messages_after(room.id, 0, 1_000)]
            assert seqs == list(range(1, room.last_seq + 1))


# --- the disk


def test_a_full_disk_is_a_store_error_that_leaves_everything_readable(
    db: apsw.Connection, store: SqliteStore, ada: AccountRecord
) -> None:
    store.append([_draft(ada, "before")], at=1)
    db.pragma("max_page_count", db.pragma("page_count"))
    big = [Draft(GENERAL_ROOM, ada.id, "x" * 8_000, str(number)) for number in range(10)]

    with pytest.raises(StoreError, match="full"):
        store.append(big, at=2)
    assert [message.seq for message in store.messages_after(GENERAL_ROOM, 0, 10)] == [1]

    db.pragma("max_page_count", 1_000_000)
    assert [receipt.seq for receipt in store.append(big, at=3)] == list(range(2, 12))


def test_every_method_speaks_of_its_failure_as_a_store_error(
    db: apsw.Connection, store: SqliteStore, ada: AccountRecord
) -> None:
    db.close()

    with pytest.raises(StoreError):
        store.account("ada")
    with pytest.raises(StoreError):
        store.append([_draft(ada, "n")], at=1)


@pytest.mark.parametrize(("durability", "synchronous"), [("power", 2), ("process", 1)])
def test_durability_decides_what_a_commit_waits_for(
    tmp_path: Path, durability: str, synchronous: int
) -> None:
    with closing(apsw.Connection(str(tmp_path / "x.db"))) as db:
        configure(db, durability)  # type: ignore[arg-type]  # a parameter of this test

        assert db.pragma("synchronous") == synchronous
        assert db.pragma("journal_mode") == "wal"
        assert db.pragma("foreign_keys") == 1


def test_a_backup_holds_everything_that_was_committed(
    db: apsw.Connection, store: SqliteStore, ada: AccountRecord, tmp_path: Path
) -> None:
    store.append([_draft(ada, "n")], at=1)
    back_up(db, tmp_path / "copy.db")

    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT seq, text FROM message").fetchall() == [(1, "text of n")]
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
