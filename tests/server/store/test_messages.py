"""Seqs without gaps, and nonces that count once."""

import pytest
from hypothesis import given, settings, strategies as st

from chat_server.store.api import GENERAL_ROOM, AccountRecord, Draft, Receipt, Store, StoreError
from support.engines import Database, Engine
from support.posts import post


def _draft(author: AccountRecord, nonce: str, room: int = GENERAL_ROOM) -> Draft:
    return Draft(room, author.id, f"text of {nonce}", nonce)


def test_a_message_is_kept_as_it_was_written(store: Store, ada: AccountRecord) -> None:
    text = "a\n\t🍲 \u202e ' \" \\"
    (receipt,) = store.append([Draft(GENERAL_ROOM, ada.id, text, "nonce é")], at=42)

    (message,) = store.messages_after(GENERAL_ROOM, 0, 10)
    assert (message.seq, message.author, message.text, message.at, message.nonce) == (
        1,
        "Ada",
        text,
        42,
        "nonce é",
    )
    assert (receipt.room, receipt.seq, receipt.at, receipt.fresh) == (GENERAL_ROOM, 1, 42, True)


def test_every_room_counts_for_itself(store: Store, ada: AccountRecord, ben: AccountRecord) -> None:
    kitchen = store.add_room("kitchen", "Kitchen", ada.id, "room hash", at=3).id
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


def test_a_known_nonce_gets_the_first_receipt_again(store: Store, ada: AccountRecord) -> None:
    (first,) = store.append([_draft(ada, "n")], at=1)
    again, next_one = store.append([_draft(ada, "n"), _draft(ada, "m")], at=2)

    assert (again.seq, again.at, again.fresh) == (first.seq, first.at, False)
    assert (next_one.seq, next_one.at, next_one.fresh) == (2, 2, True)
    assert len(store.messages_after(GENERAL_ROOM, 0, 10)) == 2


def test_a_nonce_twice_in_one_batch_is_one_message(store: Store, ada: AccountRecord) -> None:
    receipts = store.append([_draft(ada, "n"), _draft(ada, "n"), _draft(ada, "m")], at=1)

    assert [(receipt.seq, receipt.fresh) for receipt in receipts] == [
        (1, True),
        (1, False),
        (2, True),
    ]


def test_two_authors_may_use_the_same_nonce(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    receipts = store.append([_draft(ada, "n"), _draft(ben, "n")], at=1)

    assert [receipt.seq for receipt in receipts] == [1, 2]


def test_the_receipt_of_a_nonce_used_in_another_room_names_that_room(
    store: Store, ada: AccountRecord
) -> None:
    kitchen = store.add_room("kitchen", "Kitchen", ada.id, "room hash", at=3).id
    store.append([_draft(ada, "n", kitchen)], at=1)

    (again,) = store.append([_draft(ada, "n")], at=2)

    assert (again.room, again.seq, again.fresh) == (kitchen, 1, False)
    assert store.messages_after(GENERAL_ROOM, 0, 10) == []


def test_a_nonce_is_known_for_as_long_as_its_message_is_kept(
    store: Store, ada: AccountRecord
) -> None:
    draft = Draft(GENERAL_ROOM, ada.id, "text", "the nonce")
    (first,) = store.append([draft], 1)
    (again,) = store.append([draft], 2)
    store.remove_old_messages(GENERAL_ROOM, 1_000, 500)
    (after,) = store.append([draft], 3)

    assert (again.seq, again.fresh) == (first.seq, False)
    assert (after.seq, after.fresh) == (2, True)


@pytest.mark.parametrize("known", [0, 1, 199], ids=["none", "one", "all but one"])
def test_a_batch_takes_as_many_statements_whatever_was_stored_before(
    database: Database, store: Store, ada: AccountRecord, known: int
) -> None:
    drafts = [_draft(ada, str(number)) for number in range(200)]
    store.append(drafts[:known], at=1)
    receipts: list[Receipt] = []
    statements = database.statements(lambda: receipts.extend(store.append(drafts, at=2)))

    assert [receipt.seq for receipt in receipts] == list(range(1, 201))
    assert [receipt.fresh for receipt in receipts].count(False) == known
    assert len(statements) <= (5 if known == 0 else 8)


def test_a_repeated_deletion_is_recorded_once(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.add_room("kitchen", "Kitchen", ada.id, "hash", 1).id
    store.append([_draft(ben, "n", room)], at=1)
    deletion = Draft(room, ada.id, "", "d", change="delete", of=1)

    first, again = store.append([deletion, deletion], at=2)

    assert (first.fresh, again.fresh, again.seq, again.audit) == (True, False, first.seq, None)
    assert len(store.audit_entries(room, 99, 99)) == 1


def test_a_seq_is_never_given_twice(store: Store, ada: AccountRecord) -> None:
    post(store, ada, "1", "2", "3", at=1)

    store.remove_old_messages(GENERAL_ROOM, 1_000, 500)
    (receipt,) = store.append([Draft(GENERAL_ROOM, ada.id, "text", "fresh")], 4)

    assert receipt.seq == 4


def test_a_nul_harms_nobody(store: Store, ada: AccountRecord, ben: AccountRecord) -> None:
    batch = [_draft(ada, "\0"), _draft(ada, "\N{SYMBOL FOR NULL}"), _draft(ben, "n")]

    assert [receipt.fresh for receipt in store.append(batch, at=1)][::2] == [True, True]
    assert [receipt.fresh for receipt in store.append(batch, at=1)] == [False] * 3
    assert store.receipt(ada.id, "\0") is not None
    assert store.account("ada\0") is None


def test_a_batch_that_fails_leaves_nothing(
    database: Database, store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    batch = [_draft(ada, "n"), Draft(GENERAL_ROOM, ada.id, "@ben", "m")]
    with database.refusing("INSERT", "mention"), pytest.raises(StoreError, match="append"):
        store.append(batch, at=1)

    assert store.messages_after(GENERAL_ROOM, 0, 10) == []
    assert [receipt.seq for receipt in store.append(batch, at=1)] == [1, 2]


def test_pages_are_bounded_on_both_sides_and_oldest_first(store: Store, ada: AccountRecord) -> None:
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
@given(batches=_batches)
def test_seqs_have_no_gaps_and_a_nonce_has_one_place_whatever_is_repeated(
    engine: Engine, batches: list[list[tuple[int, int, int]]]
) -> None:
    with engine.database() as database:
        store = database.store
        authors = [store.add_account(key, key, "", at=0) for key in ("ada", "ben")]
        rooms = [
            GENERAL_ROOM,
            *(
                store.add_room(key, key, authors[0].id, "", at=3).id
                for key in ("kitchen", "cellar")
            ),
        ]
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
