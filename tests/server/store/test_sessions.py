"""Tokens log in to an account until they are revoked."""

from collections.abc import Callable

import pytest

from chat_server.store.api import AccountRecord, GoneError, Store, TakenError, TokenRecord, TokenUse


def test_a_token_logs_in_to_its_account_until_it_is_revoked(
    store: Store, ada: AccountRecord
) -> None:
    assert store.add_token(b"digest", ada.id, at=1, keep=20) == []
    assert store.account_of_token(b"digest") == ada

    store.revoke_token(b"digest")
    assert store.account_of_token(b"digest") is None
    assert store.account_of_token(b"") is None


def test_the_oldest_tokens_beyond_the_limit_are_revoked(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    store.add_token(b"ben's", ben.id, at=0, keep=2)
    for at, digest in enumerate((b"first", b"second")):
        assert store.add_token(digest, ada.id, at, keep=2) == []

    assert store.add_token(b"third", ada.id, at=2, keep=2) == [b"first"]
    assert store.account_of_token(b"first") is None
    assert store.account_of_token(b"second") == ada
    assert store.account_of_token(b"ben's") == ben


def test_a_new_token_stays_even_when_the_clock_was_set_back(
    store: Store, ada: AccountRecord
) -> None:
    store.add_token(b"old", ada.id, at=5, keep=1)

    assert store.add_token(b"fresh", ada.id, at=5, keep=1) == [b"old"]
    assert store.account_of_token(b"fresh") == ada


def test_tokens_from_before_the_clock_was_set_back_are_the_older_ones(
    store: Store, ada: AccountRecord
) -> None:
    for number in range(3):
        store.add_token(b"early%d" % number, ada.id, at=1_000 + number, keep=3)

    assert store.add_token(b"late", ada.id, at=5, keep=3) == [b"early0"]
    assert store.add_token(b"later", ada.id, at=6, keep=3) == [b"early1"]
    assert store.account_of_token(b"late") == ada
    store.add_token(b"last", ada.id, at=7, keep=20)
    assert _digests(store, ada) == [b"last", b"later", b"late", b"early2"]


def test_a_locked_account_has_no_valid_token(store: Store, ada: AccountRecord) -> None:
    store.add_token(b"digest", ada.id, 1, 20)

    store.set_locked(ada.id, 2)
    locked, shut_out = store.account("ada"), store.account_of_token(b"digest")
    store.set_locked(ada.id, None)

    assert locked is not None
    assert locked.locked
    assert shut_out is None
    assert store.account_of_token(b"digest") == ada


def test_revoking_all_tokens_concerns_one_account_only(store: Store, ada: AccountRecord) -> None:
    ben = store.add_account("ben", "Ben", "hash", 1)
    store.add_token(b"ada's", ada.id, 1, 20)
    store.add_token(b"ben's", ben.id, 1, 20)

    store.revoke_tokens(ada.id)

    assert store.account_of_token(b"ada's") is None
    assert store.account_of_token(b"ben's") == ben


def _digests(store: Store, account: AccountRecord) -> list[bytes]:
    return [token.digest for token in store.tokens(account.id)]


@pytest.mark.parametrize(
    ("revoke", "left"),
    [
        (lambda store, _: store.revoke_token(b"ada 1"), [b"ada 2", b"ada 0"]),
        (lambda store, ada: store.revoke_tokens(ada), []),
        (lambda store, ada: store.revoke_other_tokens(ada, b"ada 1"), [b"ada 1"]),
        (lambda store, ada: store.change_password(ada, "new", b"ada 1", b"ada 9"), [b"ada 9"]),
        (lambda store, ada: store.add_token(b"ada 3", ada, 0, 2), [b"ada 3", b"ada 2"]),
    ],
)
def test_whatever_revokes_tokens_of_one_account_leaves_the_others_alone(
    store: Store,
    ada: AccountRecord,
    ben: AccountRecord,
    revoke: Callable[[Store, int], object],
    left: list[bytes],
) -> None:
    for number in range(3):
        store.add_token(b"ben %d" % number, ben.id, at=9, keep=20)
        store.add_token(b"ada %d" % number, ada.id, at=1, keep=20)

    revoke(store, ada.id)

    assert _digests(store, ada) == left
    assert _digests(store, ben) == [b"ben 2", b"ben 1", b"ben 0"]
    assert store.account("ben") == ben


def test_a_changed_password_is_that_of_one_account(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    store.add_token(b"current", ada.id, at=1, keep=20)
    store.change_password(ada.id, "new", b"current", b"next")

    changed = store.account("ada")
    assert changed is not None
    assert changed.password == "new"
    assert store.account("ben") == ben


@pytest.mark.parametrize(
    ("current", "new", "error"),
    [
        (b"ben's", b"next", GoneError),
        (b"revoked", b"next", GoneError),
        (b"ada's", b"ben's", TakenError),
    ],
)
def test_a_password_is_not_changed_with_the_token_of_another_account(
    store: Store,
    ada: AccountRecord,
    ben: AccountRecord,
    current: bytes,
    new: bytes,
    error: type[Exception],
) -> None:
    store.add_token(b"ada's", ada.id, at=1, keep=20)
    store.add_token(b"ben's", ben.id, at=1, keep=20)

    with pytest.raises(error):
        store.change_password(ada.id, "new", current, new)

    assert store.account("ada") == ada
    assert [_digests(store, account) for account in (ada, ben)] == [[b"ada's"], [b"ben's"]]


def test_the_last_use_is_that_of_one_token(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    for account in (ada, ben):
        store.add_token(account.name.encode(), account.id, at=1, keep=20)
    use = TokenUse(7, "chat-tui", "192.0.2.1")
    store.set_token_uses({b"Ada": use, b"revoked": TokenUse(8)})

    assert store.tokens(ada.id) == [TokenRecord(b"Ada", 1, use)]
    assert store.tokens(ben.id) == [TokenRecord(b"Ben", 1, TokenUse(1))]


def test_the_times_of_other_accounts_do_not_count_for_the_order_of_tokens(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    store.add_token(b"ben's", ben.id, at=1_000, keep=20)
    store.add_token(b"ada's", ada.id, at=5, keep=20)

    assert [token.created for token in store.tokens(ada.id)] == [5]
