"""Read positions, unread counts and mentions."""

import pytest

from chat_server.store.api import (
    GENERAL_ROOM,
    AccountRecord,
    AccountState,
    AuditDraft,
    Draft,
    FileRecord,
    Span,
    Store,
    Unread,
)
from chat_server.store.api.reading import MAX_SCANNED
from chat_shared.limits import MAX_COUNTED, MAX_SEQ
from support.engines import Database
from support.posts import change, post
from support.stored_files import post_files, whole


def mentioned(store: Store, account: AccountRecord) -> list[int]:
    """Return the seqs of the messages that mention `account`, newest first."""
    return [mention.seq for mention in store.mentions(account.id, MAX_SEQ, 100)]


def unread(store: Store, account: AccountRecord, after: int = 0, upto: int = 99) -> Unread:
    (counted,) = store.count_unread([Span(account.id, GENERAL_ROOM, after, upto)])
    return counted


def test_a_member_begins_with_everything_read(store: Store, ada: AccountRecord) -> None:
    post(store, ada, "one", "two")
    ben = store.add_account("ben", "Ben", "hash", at=2)

    assert store.account_state(ben.id) == AccountState("", {GENERAL_ROOM: 2})
    assert store.account_state(ada.id) == AccountState("", {GENERAL_ROOM: 0})


def test_a_read_position_is_kept_and_may_go_back(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.add_room("kitchen", "Kitchen", ada.id, "hash", 1).id
    store.set_read({(ada.id, GENERAL_ROOM): 7, (ben.id, GENERAL_ROOM): 3, (ada.id, room): 2})
    store.set_read({(ben.id, GENERAL_ROOM): 1, (ben.id, room): 9})  # the last is no membership

    assert store.account_state(ada.id).read == {GENERAL_ROOM: 7, room: 2}
    assert store.account_state(ben.id).read == {GENERAL_ROOM: 1}


def test_joining_again_keeps_the_read_position(store: Store, ada: AccountRecord) -> None:
    post(store, ada, "one", "two")
    store.add_member(GENERAL_ROOM, ada.id, at=9)

    assert store.account_state(ada.id).read == {GENERAL_ROOM: 0}


def test_only_messages_of_others_between_the_bounds_are_counted(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    post(store, ada, "one @ben", "two", "three @ben")
    post(store, ben, "mine @ben", "mine")
    post(store, ada, "six @ben")

    assert unread(store, ben) == Unread(4, 3)
    assert unread(store, ben, after=1) == Unread(3, 2)
    assert unread(store, ben, after=1, upto=5) == Unread(2, 1)
    assert unread(store, ben, after=1, upto=3) == Unread(2, 1)
    assert unread(store, ben, after=6) == Unread(0, 0)
    assert unread(store, ada) == Unread(2, 0)


def test_messages_are_counted_in_their_own_room(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.add_room("kitchen", "Kitchen", ada.id, "hash", 1).id
    store.add_member(room, ben.id, at=3)
    post(store, ada, "one @ben")
    post(store, ada, "one @ben", "two @ben", room=room)
    spans = [Span(ben.id, place, 0, 99) for place in (GENERAL_ROOM, room)]

    assert store.count_unread(spans) == [Unread(1, 1), Unread(2, 2)]


def test_deleted_messages_are_not_counted(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    post(store, ada, "one @ben", "two @ben")
    change(store, ada, "delete", 1)

    assert unread(store, ben) == Unread(1, 1)


def test_counting_is_bounded(store: Store, ada: AccountRecord, ben: AccountRecord) -> None:
    post(store, ada, *["@ben"] * (MAX_COUNTED + 1))
    assert unread(store, ben, upto=MAX_SEQ) == Unread(MAX_COUNTED, MAX_COUNTED)

    post(store, ben, *["x"] * MAX_SCANNED)
    assert unread(store, ben, upto=MAX_SEQ).messages == 0  # no further back than the bound
    assert unread(store, ada, upto=MAX_SEQ).messages == MAX_COUNTED


def test_members_are_mentioned_by_name_in_any_case(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    post(store, ada, "@BEN, soup", "nothing", "@ben and @ada and @nobody", "mail ada@ben")

    assert mentioned(store, ben) == [3, 1]
    assert mentioned(store, ada) == []  # authors do not mention themselves
    post(store, ben, "@Ada!")
    assert mentioned(store, ada) == [5]


def test_the_longest_name_of_a_member_is_meant(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    dotted = store.add_account("ben.b", "Ben.B", "hash", 1)
    post(store, ada, "@ben.b, hi", "@ben.c, hi", "(@ben,@ben.b's)")

    assert mentioned(store, dotted) == [3, 1]
    assert mentioned(store, ben) == [3, 2]


def test_a_message_names_its_mentions_when_it_is_stored_and_later(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    texts = ["@BEN, soup", "nothing", "@nobody", "gone, @ben"]
    drafts = [Draft(GENERAL_ROOM, ada.id, text, text) for text in texts]
    at_once = [receipt.mentions for receipt in store.append(drafts, at=5)]
    change(store, ada, "edit", 1, "nobody now")
    change(store, ada, "delete", 4)

    later = [message.mentions for message in store.messages_after(GENERAL_ROOM, 0, 4)]
    assert at_once == [["Ben"], None, [], ["Ben"]]
    assert later == [["Ben"], None, [], None]


def test_only_members_of_the_room_are_mentioned(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.add_room("kitchen", "Kitchen", ada.id, "hash", 1).id
    post(store, ada, "@ben", room=room)
    assert mentioned(store, ben) == []

    store.add_member(room, ben.id, at=3)
    assert mentioned(store, ben) == []  # not a member at the time


def test_mentions_are_listed_only_while_the_account_is_a_member(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.add_room("kitchen", "Kitchen", ada.id, "hash", 1).id
    store.add_member(room, ben.id, at=3)
    post(store, ada, "@ben", room=room)
    (mention,) = store.mentions(ben.id, MAX_SEQ, 9)
    assert (mention.room, mention.seq, mention.author, mention.text) == (
        "Kitchen",
        1,
        "Ada",
        "@ben",
    )

    store.leave(AuditDraft(room, ben.id, "exit", at=3), None)
    assert mentioned(store, ben) == []
    store.add_member(room, ben.id, at=3)
    store.remove_room(room, at=4)
    assert mentioned(store, ben) == []


def test_mentions_are_paged_from_the_newest_by_their_id(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    post(store, ada, *["@ben"] * 5)
    first = store.mentions(ben.id, MAX_SEQ, 2)
    second = store.mentions(ben.id, first[-1].id, 9)

    assert [mention.seq for mention in first + second] == [5, 4, 3, 2, 1]


def test_a_mention_has_the_files_of_its_message(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    upload = whole(store, ada.id, name="soup.png", size=7)
    post_files(store, ada.id, upload, text="@ben look")
    post(store, ada, "@ben eat")

    plain, with_file = store.mentions(ben.id, 99, 9)
    assert plain.files == []
    assert with_file.files == [FileRecord(upload, "soup.png", 7)]


def test_a_message_posted_twice_mentions_once(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    for _ in range(2):
        store.append([Draft(GENERAL_ROOM, ada.id, "@ben", "n")], at=5)

    assert mentioned(store, ben) == [1]


def test_mentions_are_removed_with_their_messages(
    database: Database, store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.add_room("kitchen", "Kitchen", ada.id, "hash", 1).id
    store.add_member(room, ben.id, at=3)
    post(store, ada, "@ben", "@ben")
    post(store, ada, "@ben", room=room)
    store.remove_old_messages(GENERAL_ROOM, before=9, limit=1)
    assert mentioned(store, ben) == [1, 2]  # the kitchen's, and the second one of the general room

    store.remove_room(room, at=4)
    while store.purge_removed_rooms(before=9, limit=10):
        pass
    assert database.select("SELECT count(*) FROM mention") == [(1,)]


def test_an_edit_adds_and_removes_no_mention_but_a_deletion_removes_it(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    post(store, ada, "nobody", "@ben")
    change(store, ada, "edit", 1, "@ben, now")
    change(store, ada, "edit", 2, "nobody now")
    assert mentioned(store, ben) == [2]

    change(store, ada, "delete", 2)
    assert mentioned(store, ben) == []


@pytest.mark.parametrize(
    "text", ["@" * 8_000, "@ben " * 1_600, "".join(f"@{n} " for n in range(1_400))]
)
def test_a_text_full_of_at_signs_does_no_harm(
    store: Store, ada: AccountRecord, ben: AccountRecord, text: str
) -> None:
    post(store, ada, text)

    assert mentioned(store, ben) == ([1] if "ben" in text else [])
