"""What is done for many rows is done with one statement, however many they are."""

from collections.abc import Callable

import pytest

from chat_server.store.api import GENERAL_ROOM, AccountRecord, Span, Store, TokenRecord, TokenUse
from support.engines import Database
from support.posts import post


def _set_all(store: Store, accounts: list[int]) -> list[Callable[[], None]]:
    return [
        lambda: store.set_read({(account, GENERAL_ROOM): 7 for account in accounts}),
        lambda: store.set_last_seen(dict.fromkeys(accounts, 8)),
        lambda: store.set_token_uses({bytes([account]): TokenUse(9) for account in accounts}),
    ]


@pytest.mark.parametrize("which", range(3), ids=["read marks", "last seen", "tokens"])
def test_a_thousand_reconnects_are_one_statement(
    database: Database, store: Store, which: int
) -> None:
    accounts = [store.add_account(f"a{n}", f"A{n}", "", at=0).id for n in range(50)]

    statements = database.statements(_set_all(store, accounts)[which])

    assert [word for word in statements if word not in ("BEGIN", "COMMIT")] == ["UPDATE"]


def test_the_unread_messages_of_all_rooms_are_counted_by_one_statement(
    database: Database, store: Store, ada: AccountRecord
) -> None:
    spans = [Span(ada.id, room, 0, 9) for room in range(50)]

    assert len(database.statements(lambda: store.count_unread(spans))) == 1


def test_the_mentions_of_all_messages_are_recorded_by_one_statement(
    database: Database, store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    one = database.statements(lambda: post(store, ada, "@ben"))
    many = database.statements(lambda: post(store, ada, *["@ben and @ada"] * 50))

    assert many == one


def test_the_rooms_of_a_deleted_account_are_handed_over_by_one_statement(
    database: Database, store: Store
) -> None:
    accounts = [store.add_account(f"a{n}", f"A{n}", "", at=0).id for n in range(2)]
    for number in range(51):
        store.add_room(f"r{number}", "", accounts[number > 0], "", at=0)
    one, many = [
        database.statements(lambda: store.remove_account(account, at=1))  # noqa: B023 - called at once
        for account in accounts
    ]

    assert many == one


def test_everything_of_all_of_them_is_set(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    for account in ada.id, ben.id:
        store.add_token(bytes([account]), account, at=1, keep=9)
    for write in _set_all(store, [ada.id, ben.id]):
        write()

    for account in ada.id, ben.id:
        assert store.account_state(account).read == {GENERAL_ROOM: 7}
        assert store.tokens(account) == [TokenRecord(bytes([account]), 1, TokenUse(9))]
    assert [member.seen for member in store.members(GENERAL_ROOM, "", 9)] == [8, 8]
