"""What is deleted is not in the file any more."""

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from chat_server.store.api import GENERAL_ROOM, AccountRecord, Draft
from chat_server.store.sqlite.offline import open_store
from chat_server.store.sqlite.store import SqliteStore
from chat_server.store.sqlite.wal import truncate_wal
from support.posts import change, post
from support.stored_files import post_files, whole


def test_a_deleted_text_is_not_in_the_file_any_more(path: Path) -> None:
    texts = ["a private word", "a careful word", "a third word"]
    with open_store(path) as store:
        ada = store.add_account("ada", "Ada", "hash", 1)
        post(store, ada, texts[0])
        change(store, ada, "edit", 1, texts[1])
        change(store, ada, "edit", 1, texts[2])
        change(store, ada, "react", 1, "🍲")
    before = path.read_bytes()
    with open_store(path) as store:
        change(store, ada, "delete", 1)
        left = store.reactions(GENERAL_ROOM, [1], 1, 10)

    assert texts[2].encode() in before
    assert not any(text.encode() in path.read_bytes() for text in texts)
    assert left == {}


def test_removed_messages_are_not_in_the_file_any_more(path: Path) -> None:
    with open_store(path) as store:
        ada = store.add_account("ada", "Ada", "hash", 1)
        store.append([Draft(GENERAL_ROOM, ada.id, "a private word", "nonce")], 1)
    before = path.read_bytes()

    with open_store(path) as store:
        store.remove_old_messages(GENERAL_ROOM, 2, 500)

    assert b"a private word" in before
    assert b"a private word" not in path.read_bytes()


@pytest.mark.parametrize(
    "remove",
    [
        lambda store, ada: change(store, ada, "delete", 1),
        lambda store, _: store.remove_old_messages(GENERAL_ROOM, 9, 500),
    ],
)
def test_the_names_of_files_that_are_gone_are_not_in_the_file_any_more(
    path: Path, remove: Callable[[SqliteStore, AccountRecord], object]
) -> None:
    with open_store(path) as store:
        ada = store.add_account("ada", "Ada", "hash", 1)
        post_files(store, ada.id, whole(store, ada.id, name="private.pdf"))
    before = path.read_bytes()

    with open_store(path) as store:
        remove(store, ada)

    assert b"private.pdf" in before
    assert b"private.pdf" not in path.read_bytes()


@pytest.mark.parametrize(
    "remove",
    [
        lambda store, account: store.set_preferences(account, {"draft": ""}),
        lambda store, account: store.set_preferences(account, {"draft": "Sent."}),
        lambda store, account: store.remove_account(account, at=2),
    ],
    ids=["removed", "replaced", "with the account"],
)
def test_a_draft_that_is_gone_is_in_no_file(
    store: SqliteStore,
    db: apsw.Connection,
    path: Path,
    ada: AccountRecord,
    remove: Callable[[SqliteStore, int], None],
) -> None:
    secret = "only for myself "
    store.set_preferences(ada.id, {"draft": secret * 1_000})

    remove(store, ada.id)

    assert truncate_wal(db)
    for file in path.parent.iterdir():
        assert secret.encode() not in file.read_bytes()
