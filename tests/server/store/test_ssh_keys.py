"""SSH keys log in to accounts until they are removed, and take the tokens they gave with them."""

import pytest

from chat_server.store.api import (
    AccountRecord,
    FullError,
    GoneError,
    SshKeyRecord,
    Store,
    TakenError,
)

KEY = SshKeyRecord(b"key", "ssh-ed25519", "ada@laptop", added=5)
OTHER = SshKeyRecord(b"other", "ssh-rsa", "", added=6)


def _digests(store: Store, account: AccountRecord) -> set[bytes]:
    return {token.digest for token in store.tokens(account.id)}


def _log_in(store: Store, account: AccountRecord, token: bytes, key: bytes = b"key") -> None:
    assert store.add_token_by_ssh_key(token, account.id, key, at=9, keep=20) == []


def test_a_key_is_kept_until_it_is_removed(store: Store, ada: AccountRecord) -> None:
    store.add_ssh_key(ada.id, KEY, most=2)
    store.add_ssh_key(ada.id, OTHER, most=2)

    assert store.ssh_keys(ada.id) == [KEY, OTHER]
    assert store.has_ssh_key("ada", b"key")
    assert store.remove_ssh_key(ada.id, b"key") == []
    assert store.remove_ssh_key(ada.id, b"key") is None
    assert store.ssh_keys(ada.id) == [OTHER]
    assert not store.has_ssh_key("ada", b"key")


def test_no_key_is_added_twice_nor_beyond_the_limit(store: Store, ada: AccountRecord) -> None:
    store.add_ssh_key(ada.id, KEY, most=1)

    with pytest.raises(TakenError):
        store.add_ssh_key(ada.id, KEY, most=1)
    with pytest.raises(FullError):
        store.add_ssh_key(ada.id, OTHER, most=1)
    assert store.ssh_keys(ada.id) == [KEY]


def test_a_key_may_log_in_to_several_accounts_each_on_its_own(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    for account in (ada, ben):
        store.add_ssh_key(account.id, KEY, most=1)
    _log_in(store, ada, b"ada's")
    _log_in(store, ben, b"ben's")

    assert store.remove_ssh_key(ada.id, b"key") == [b"ada's"]

    assert store.account_of_token(b"ada's") is None
    assert store.account_of_token(b"ben's") == ben
    assert store.has_ssh_key("ben", b"key")


def test_a_log_in_by_key_is_its_last_use(store: Store, ada: AccountRecord) -> None:
    store.add_ssh_key(ada.id, KEY, most=1)
    _log_in(store, ada, b"token")

    assert [key.used for key in store.ssh_keys(ada.id)] == [9]
    assert store.account_of_token(b"token") == ada
    assert store.ssh_key_of_token(b"token") == b"key"
    assert store.ssh_key_of_token(b"no such") == b""


@pytest.mark.parametrize("why", ["no such key", "removed", "locked"])
def test_a_key_that_logs_in_no_more_gives_no_token(
    store: Store, ada: AccountRecord, why: str
) -> None:
    if why != "no such key":
        store.add_ssh_key(ada.id, KEY, most=1)
    if why == "removed":
        store.remove_ssh_key(ada.id, b"key")
    if why == "locked":
        store.set_locked(ada.id, 1)

    with pytest.raises(GoneError):
        store.add_token_by_ssh_key(b"token", ada.id, b"key", at=9, keep=20)
    assert not store.has_ssh_key("ada", b"key")
    assert _digests(store, ada) == set()


def test_tokens_of_keys_and_of_passwords_are_counted_apart(
    store: Store, ada: AccountRecord
) -> None:
    store.add_ssh_key(ada.id, KEY, most=2)
    store.add_ssh_key(ada.id, OTHER, most=2)
    store.add_token(b"laptop", ada.id, at=1, keep=2)
    for number, key in enumerate((b"key", b"other", b"key")):
        store.add_token_by_ssh_key(b"ssh %d" % number, ada.id, key, at=2, keep=2)

    assert _digests(store, ada) == {b"laptop", b"ssh 1", b"ssh 2"}
    store.add_token(b"phone", ada.id, at=3, keep=2)
    assert store.add_token(b"tablet", ada.id, at=4, keep=2) == [b"laptop"]


@pytest.mark.parametrize(("current", "left"), [(b"laptop", []), (b"ssh", [b"key"])])
def test_a_new_password_removes_all_keys_but_the_one_of_the_session(
    store: Store, ada: AccountRecord, current: bytes, left: list[bytes]
) -> None:
    store.add_ssh_key(ada.id, KEY, most=2)
    store.add_ssh_key(ada.id, OTHER, most=2)
    store.add_token(b"laptop", ada.id, at=1, keep=20)
    _log_in(store, ada, b"ssh")
    _log_in(store, ada, b"other ssh", b"other")

    revoked = store.change_password(ada.id, "new", current, b"next")

    assert sorted(revoked) == [b"laptop", b"other ssh", b"ssh"]
    assert [key.digest for key in store.ssh_keys(ada.id)] == left
    assert _digests(store, ada) == {b"next"}


def test_a_password_that_cannot_be_changed_removes_no_key(store: Store, ada: AccountRecord) -> None:
    store.add_ssh_key(ada.id, KEY, most=1)

    with pytest.raises(GoneError):
        store.change_password(ada.id, "new", b"revoked", b"next")
    assert store.ssh_keys(ada.id) == [KEY]


@pytest.mark.parametrize("how", ["reset", "remove"])
def test_the_keys_of_nobody_else_go_with_a_reset_password_or_the_account(
    store: Store, ada: AccountRecord, ben: AccountRecord, how: str
) -> None:
    for account in (ada, ben):
        store.add_ssh_key(account.id, KEY, most=1)

    store.reset_password(ada.id, "new") if how == "reset" else store.remove_account(ada.id, 9)

    assert store.ssh_keys(ada.id) == []
    assert store.ssh_keys(ben.id) == [KEY]
