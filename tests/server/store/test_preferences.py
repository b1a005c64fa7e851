"""Preferences belong to their account: set, removed, bounded."""

import pytest

from chat_server.store.api import AccountRecord, FullError, GoneError, Store
from chat_shared.limits import MAX_PREFERENCES
from chat_shared.preferences import fit


def _largest() -> str:
    """Return the longest value that an account can have by the name `draft`."""
    return "x" * (MAX_PREFERENCES - len('{"draft":""}'))


def test_they_are_set_and_removed_one_by_one(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    store.set_preferences(ada.id, {"theme": "light", "draft": "Hi"})
    store.set_preferences(ben.id, {"theme": "dark"})
    store.set_preferences(ada.id, {"draft": "", "theme": "ansi", "no such": ""})

    assert store.preferences(ada.id) == {"theme": "ansi"}
    assert store.preferences(ben.id) == {"theme": "dark"}


def test_all_together_are_bounded_and_what_exceeds_that_changes_nothing(
    store: Store, ada: AccountRecord
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


def test_a_deleted_account_has_none_and_gets_none(store: Store, ada: AccountRecord) -> None:
    store.set_preferences(ada.id, {"draft": "Hi"})
    store.remove_account(ada.id, at=2)

    with pytest.raises(GoneError):
        store.set_preferences(ada.id, {"draft": "Hi"})
    assert store.preferences(ada.id) == {}
