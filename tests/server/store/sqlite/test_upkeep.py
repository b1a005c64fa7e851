"""The operator's part of the store, and deleting in steps: what goes, what stays."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from chat_server.store.api import GENERAL_ROOM, AccountRecord, Draft, StoreError, TakenError
from chat_server.store.sqlite.offline import open_store
from chat_server.store.sqlite.store import SqliteStore, configure, migrate

DAY = 86_400_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(apsw.Connection(str(tmp_path / "chat.db"))) as db:
        configure(db, "process")
        migrate(db)
        yield SqliteStore(db)


@pytest.fixture
def ada(store: SqliteStore) -> AccountRecord:
    return store.add_account("ada", "Ada", "hash", 1)


def say(store: SqliteStore, author: AccountRecord, *times: int, room: int = GENERAL_ROOM) -> None:
    for time in times:
        last = store.rooms()[0].last_seq
        store.append([Draft(room, author.id, "text", f"{room}-{last}-{time}")], time)


def kept(store: SqliteStore, room: int = GENERAL_ROOM) -> list[int]:
    return [message.seq for message in store.messages_after(room, 0, 1_000)]


def test_accounts_are_listed_by_name_a_page_at_a_time(store: SqliteStore) -> None:
    for name in "Cleo", "ada", "Ben":
        store.add_account(name.lower(), name, "hash", 7)

    first = store.account_summaries("", 2)
    rest = store.account_summaries("ben", 2)

    assert [account.name for account in first] == ["ada", "Ben"]
    assert [account.name for account in rest] == ["Cleo"]
    assert rest[0].created == 7
    assert rest[0].rooms == 1  # the general one


def test_a_locked_account_has_no_token_that_is_good(store: SqliteStore, ada: AccountRecord) -> None:
    store.add_token(b"digest", ada.id, 1, 20)

    store.set_locked(ada.id, 2)
    locked, shut_out = store.account("ada"), store.account_of_token(b"digest")
    store.set_locked(ada.id, None)

    assert locked is not None
    assert locked.locked
    assert shut_out is None
    assert store.account_of_token(b"digest") == ada


def test_void_tokens_are_those_of_one_account(store: SqliteStore, ada: AccountRecord) -> None:
    ben = store.add_account("ben", "Ben", "hash", 1)
    store.add_token(b"ada's", ada.id, 1, 20)
    store.add_token(b"ben's", ben.id, 1, 20)

    store.revoke_tokens(ada.id)

    assert store.account_of_token(b"ada's") is None
    assert store.account_of_token(b"ben's") == ben


def test_a_deleted_account_leaves_its_messages_and_its_name(
    store: SqliteStore, ada: AccountRecord
) -> None:
    room = store.add_room("kitchen", "kitchen", ada.id, "hash", 1)
    store.add_token(b"digest", ada.id, 1, 20)
    say(store, ada, 1)

    store.remove_account(ada.id, 2)

    assert [message.author for message in store.messages_after(GENERAL_ROOM, 0, 9)] == ["Ada"]
    with pytest.raises(TakenError):
        store.add_account("ada", "ADA", "another", 3)
    gone = store.account("ada")
    assert gone is not None
    assert gone.removed
    assert gone.password == ""
    assert store.account_of_token(b"digest") is None
    assert store.rooms_of(ada.id) == []
    assert store.members(room.id, "", 9) == []
    assert [record.owner for record in store.rooms()] == ["", ""]
    assert store.account_summaries("", 9) == []


def test_rooms_are_summed_up_with_what_is_kept_of_them(
    store: SqliteStore, ada: AccountRecord
) -> None:
    store.add_room("kitchen", "kitchen", ada.id, "hash", 1)
    say(store, ada, 1, 2, 3)
    store.set_keep(GENERAL_ROOM, 90 * DAY)
    store.remove_old_messages(GENERAL_ROOM, 2, 500)

    general, kitchen = store.room_summaries()

    assert (general.name, general.members, general.messages, general.keep) == (
        "general", 1, 2, 90 * DAY,
    )  # fmt: skip
    assert (kitchen.name, kitchen.owner, kitchen.messages, kitchen.keep) == (
        "kitchen", "Ada", 0, None,
    )  # fmt: skip


def test_only_what_is_old_goes(store: SqliteStore, ada: AccountRecord) -> None:
    say(store, ada, 10, 20, 30)

    assert store.remove_old_messages(GENERAL_ROOM, 20, 500) == 1
    assert store.remove_old_messages(GENERAL_ROOM, 20, 500) == 0
    assert kept(store) == [2, 3]


def test_a_step_removes_no_more_than_it_is_told_to(store: SqliteStore, ada: AccountRecord) -> None:
    say(store, ada, *range(10))

    assert store.remove_old_messages(GENERAL_ROOM, 1_000, 4) == 4
    assert kept(store) == [5, 6, 7, 8, 9, 10]


def test_a_clock_that_was_set_back_leaves_no_hole(store: SqliteStore, ada: AccountRecord) -> None:
    say(store, ada, 10, 99, 20, 30)

    store.remove_old_messages(GENERAL_ROOM, 50, 500)

    assert kept(store) == [2, 3, 4]


def test_what_is_removed_is_not_in_the_file_any_more(tmp_path: Path) -> None:
    path = tmp_path / "private.db"
    with open_store(path) as store:
        ada = store.add_account("ada", "Ada", "hash", 1)
        store.append([Draft(GENERAL_ROOM, ada.id, "a private word", "nonce")], 1)
    before = path.read_bytes()

    with open_store(path) as store:
        store.remove_old_messages(GENERAL_ROOM, 2, 500)

    assert b"a private word" in before
    assert b"a private word" not in path.read_bytes()


def test_a_number_is_never_given_twice(store: SqliteStore, ada: AccountRecord) -> None:
    say(store, ada, 1, 2, 3)

    store.remove_old_messages(GENERAL_ROOM, 1_000, 500)
    (receipt,) = store.append([Draft(GENERAL_ROOM, ada.id, "text", "fresh")], 4)

    assert receipt.seq == 4


def test_a_nonce_is_known_for_as_long_as_its_message_is_kept(
    store: SqliteStore, ada: AccountRecord
) -> None:
    draft = Draft(GENERAL_ROOM, ada.id, "text", "the nonce")
    (first,) = store.append([draft], 1)
    (again,) = store.append([draft], 2)
    store.remove_old_messages(GENERAL_ROOM, 1_000, 500)
    (after,) = store.append([draft], 3)

    assert (again.seq, again.fresh) == (first.seq, False)
    assert (after.seq, after.fresh) == (2, True)


def test_a_removed_room_gives_its_name_back_at_once(store: SqliteStore, ada: AccountRecord) -> None:
    old = store.add_room("kitchen", "kitchen", ada.id, "hash", 1)

    store.remove_room(old.id, 2)
    new = store.add_room("kitchen", "kitchen", ada.id, "hash", 3)

    assert store.rooms_of(ada.id) == [GENERAL_ROOM, new.id]
    assert [room.name for room in store.room_summaries()] == ["general", "kitchen"]
    assert [(room.id, room.removed) for room in store.rooms()] == [
        (GENERAL_ROOM, False),
        (old.id, True),
        (new.id, False),
    ]


def test_a_removed_room_is_swept_in_steps_and_no_other_is_touched(
    store: SqliteStore, ada: AccountRecord
) -> None:
    room = store.add_room("kitchen", "kitchen", ada.id, "hash", 1)
    say(store, ada, 1, 2, 3, 4, 5, room=room.id)
    say(store, ada, 1)
    store.remove_room(room.id, 10)

    too_early = store.purge_removed_rooms(10, 2)
    steps = [store.purge_removed_rooms(11, 2) for _ in range(6)]

    assert too_early == 0
    assert steps == [2, 2, 1, 1, 1, 0]  # messages, the member, the room, nothing
    assert [record.name for record in store.rooms()] == ["general"]
    assert kept(store) == [1]


def test_a_room_without_an_owner_has_nobody_in_it(store: SqliteStore) -> None:
    store.add_unowned_room("cellar", "Cellar", "hash", 1)

    with pytest.raises(TakenError):
        store.add_unowned_room("cellar", "CELLAR", "hash", 1)
    assert [(room.name, room.owner, room.members) for room in store.room_summaries()] == [
        ("general", "", 0),
        ("Cellar", "", 0),
    ]


def test_expired_invitations_go_when_a_new_one_comes(store: SqliteStore, tmp_path: Path) -> None:
    store.add_invite(b"old", at=1, expires=5)
    store.add_invite(b"young", at=4, expires=9)
    store.add_invite(b"new", at=5, expires=10)

    with closing(apsw.Connection(str(tmp_path / "chat.db"))) as db:
        assert [digest for (digest,) in db.execute("SELECT digest FROM invite")] == [
            b"new", b"young",
        ]  # fmt: skip


def test_figures_count_what_is_there(store: SqliteStore, ada: AccountRecord) -> None:
    store.add_account("ben", "Ben", "hash", 1)
    store.remove_account(ada.id, 2)

    figures = store.figures()

    assert (figures.accounts, figures.rooms) == (1, 1)
    assert figures.size > 0


def test_what_sqlite_cannot_do_is_a_store_error(store: SqliteStore) -> None:
    with pytest.raises(StoreError, match="add_invite"):
        store.add_invite("no bytes", 1, 2)  # type: ignore[arg-type]
