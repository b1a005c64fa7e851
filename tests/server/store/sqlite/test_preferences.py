"""Preferences belong to their account: set, removed, bounded, and erased with it."""

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from chat_server.store.api import AccountRecord, FullError, GoneError
from chat_server.store.sqlite.store import SqliteStore
from chat_server.store.sqlite.wal import truncate_wal
from chat_shared.limits import MAX_PREFERENCES
from chat_shared.preferences import fit


def _largest() -> str:
    """Return the longest value that an account can have by the name `draft`."""
    return "x" * (MAX_PREFERENCES - len('{"draft":""}'))


def test_they_are_set_and_removed_one_by_one(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    store.set_preferences(ada.id, {"theme": "light", "draft": "Hi"})
    store.set_preferences(ben.id, {"theme": "dark"})
    store.set_preferences(ada.id, {"draft": "", "theme": "ansi", "no such": ""})

    assert store.preferences(ada.id) == {"theme": "ansi"}
    assert store.preferences(ben.id) == {"theme": "dark"}


def test_all_together_are_bounded_and_what_exceeds_that_changes_nothing(
    store: SqliteStore, ada: AccountRecord
) -> None:
    store.set_preferences(ada.id, {"draft": _largest()})

    for changes in (
        {"draft": _largest() + "x"},
        {"a": "b"},
        {"draft": "", "a": _largest() + "12345"},
    ):
        with pytest.raises(FullError):
            store.set_preferences(ada.id, changes)
    assert store.preferences(ada.id) == {"draft": _largest()}

    store.set_preferences(ada.id, {"draft": "", "a": "b"})
    assert store.preferences(ada.id) == {"a": "b"}


def test_what_takes_more_bytes_as_json_counts_as_that() -> None:
    assert fit({"draft": _largest()})
    assert not fit({"draft": "\n" + _largest()[1:]})


def test_a_deleted_account_has_none_and_gets_none(store: SqliteStore, ada: AccountRecord) -> None:
    store.set_preferences(ada.id, {"draft": "Hi"})
    store.remove_account(ada.id, at=2)

    with pytest.raises(GoneError):
        store.set_preferences(ada.id, {"draft": "Hi"})
    assert store.preferences(ada.id) == {}


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
