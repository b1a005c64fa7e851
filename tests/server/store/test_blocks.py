"""Blocks between accounts: listed, bounded, and between these two only."""

import pytest

from chat_server.store.api import AccountRecord, BlockedError, Store

NOBODY = 99


@pytest.fixture
def others(store: Store, ada: AccountRecord, ben: AccountRecord) -> list[int]:
    """Ada is 1, Ben is 2, and these come after them."""
    return [store.add_account(name, name.upper(), "", 1).id for name in ("zoe", "dag", "eli")]


def test_neither_can_open_a_direct_room_with_the_other_and_everybody_else_can(
    store: Store, ada: AccountRecord, ben: AccountRecord, others: list[int]
) -> None:
    store.block(ben.id, ada.id, 9)

    with pytest.raises(BlockedError) as caught:
        store.open_direct(ada.id, ben.id, at=3)
    assert caught.value.args == (ben.id,)
    store.open_direct(ada.id, others[0], at=3)
    store.open_direct(ben.id, others[0], at=3)
    assert store.unblock(ben.id, ada.id)
    store.open_direct(ada.id, ben.id, at=3)


def test_blocked_accounts_are_listed_by_name_for_each_who_blocks(
    store: Store, ada: AccountRecord, ben: AccountRecord, others: list[int]
) -> None:
    for other in others:
        assert store.block(ada.id, other, 9)
    assert store.block(ben.id, ada.id, 9)

    assert store.blocked(ada.id) == ["DAG", "ELI", "ZOE"]
    assert store.blocked(ben.id) == ["Ada"]
    assert store.unblock(ada.id, others[1])
    assert not store.unblock(ada.id, others[1])
    assert not store.unblock(others[0], ada.id)
    assert store.blocked(ada.id) == ["ELI", "ZOE"]
    assert store.blocked(ben.id) == ["Ada"]


def test_blocking_is_bounded_and_blocking_twice_is_harmless(
    store: Store, ada: AccountRecord, ben: AccountRecord, others: list[int]
) -> None:
    for other in others[:2]:
        assert store.block(ada.id, other, 2)

    assert not store.block(ada.id, ben.id, 2)
    assert store.block(ada.id, others[0], 2)
    assert store.block(ben.id, ada.id, 2)
    assert store.blocked(ada.id) == ["DAG", "ZOE"]


def test_accounts_that_are_deleted_or_do_not_exist_are_not_blocked(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    store.remove_account(ben.id, at=4)
    for other in (ben.id, NOBODY):
        store.block(ada.id, other, 9)

    assert store.blocked(ada.id) == []
