"""What gathers for many accounts is written with one statement, however many they are."""

from collections.abc import Callable

import apsw
import pytest

from chat_server.store.api import GENERAL_ROOM, AccountRecord, TokenRecord, TokenUse
from chat_server.store.sqlite.store import SqliteStore


def _set_all(store: SqliteStore, accounts: list[int]) -> list[Callable[[], None]]:
    return [
        lambda: store.set_read({(account, GENERAL_ROOM): 7 for account in accounts}),
        lambda: store.set_last_seen(dict.fromkeys(accounts, 8)),
        lambda: store.set_token_uses({bytes([account]): TokenUse(9) for account in accounts}),
    ]


@pytest.mark.parametrize("which", range(3), ids=["read marks", "last seen", "tokens"])
def test_a_thousand_reconnects_are_one_statement(
    db: apsw.Connection, store: SqliteStore, which: int
) -> None:
    accounts = [store.add_account(f"a{n}", f"A{n}", "", at=0).id for n in range(50)]
    statements: list[str] = []

    def trace(_: apsw.Cursor, statement: str, __: object) -> bool:
        statements.append(statement.partition(" ")[0])
        return True

    db.exec_trace = trace
    _set_all(store, accounts)[which]()

    assert statements == ["BEGIN", "UPDATE", "COMMIT"]


def test_everything_of_all_of_them_is_set(
    store: SqliteStore, ada: AccountRecord, ben: AccountRecord
) -> None:
    for account in ada.id, ben.id:
        store.add_token(bytes([account]), account, at=1, keep=9)
    for write in _set_all(store, [ada.id, ben.id]):
        write()

    for account in ada.id, ben.id:
        assert store.account_state(account).read == {GENERAL_ROOM: 7}
        assert store.tokens(account) == [TokenRecord(bytes([account]), 1, TokenUse(9))]
    assert [member.seen for member in store.members(GENERAL_ROOM, "", 9)] == [8, 8]
