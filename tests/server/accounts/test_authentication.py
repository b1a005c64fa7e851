"""Who is let in, by which password, and that nobody learns more than that from a refusal."""

import pytest
import trio
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from chat_server.accounts.accounts import Accounts, find_account
from chat_server.accounts.codes import code_digest
from chat_server.accounts.identity import token_digest
from chat_server.accounts.passwords import Passwords
from chat_server.store.api import Store
from chat_shared.errors import Code, Refused
from support.bare_accounts import bare_accounts
from support.hashers import CountingHasher
from support.inline_storage import InlineStorage
from support.peer import PASSWORD

NEW = "battery staple correct"


async def refusal(accounts: Accounts, name: str, password: str) -> Refused:
    with pytest.raises(Refused) as caught:
        await accounts.log_in(name, password)
    return caught.value


# --- what a refusal tells


async def test_a_name_that_does_not_exist_is_refused_in_the_same_words_after_the_same_work(
    storage: InlineStorage,
) -> None:
    await bare_accounts(storage).register("ada", PASSWORD)
    hasher = CountingHasher()
    closed = bare_accounts(storage, Passwords(hasher), "closed")

    refusals, work = [], []
    for name in ("ada", "nobody"):
        hasher.compared.clear()
        refusals.append(str(await refusal(closed, name, "wrong wrong")))
        work.append(hasher.work())

    assert refusals[0] == refusals[1]
    assert work[0] == work[1] != []


async def test_only_with_the_right_password_one_learns_that_an_account_is_locked(
    storage: InlineStorage,
) -> None:
    accounts = bare_accounts(storage)
    id = (await accounts.register("ada", PASSWORD)).account.id
    await storage.write(lambda store: store.set_locked(id, True))

    assert (await refusal(accounts, "ada", "wrong wrong")).code is Code.WRONG_CREDENTIALS
    assert (await refusal(accounts, "ada", PASSWORD)).code is Code.FORBIDDEN


async def test_where_registration_is_closed_an_invitation_opens_nothing(
    storage: InlineStorage,
) -> None:
    await storage.write(lambda store: store.add_invite(code_digest("one"), 0, 2**60))
    closed = bare_accounts(storage, registration="closed")

    for invite in ("", "one"):
        with pytest.raises(Refused, match="isn't accepting new accounts"):
            await closed.register("ada", PASSWORD, invite)


# --- which password


async def test_an_outdated_hash_is_replaced_at_the_next_log_in(storage: InlineStorage) -> None:
    old, new = (Argon2Hasher(time_cost=1, memory_cost=kib, parallelism=1) for kib in (16, 8))
    await bare_accounts(storage, Passwords(old)).register("ada", PASSWORD)

    await bare_accounts(storage, Passwords(new, old)).log_in("ada", PASSWORD)

    stored = await find_account(storage, "ada")
    assert PasswordHash([new]).verify(PASSWORD, stored.password)
    assert not new.check_needs_rehash(stored.password)


async def test_the_operator_sets_a_password_that_follows_the_rules_and_replaces_the_old_one(
    storage: InlineStorage,
) -> None:
    accounts = bare_accounts(storage)
    account = (await accounts.register("ada", PASSWORD)).account

    with pytest.raises(Refused) as caught:
        await accounts.reset_password(account, "short")
    assert caught.value.code is Code.WEAK_PASSWORD
    await accounts.log_in("ada", PASSWORD)

    await accounts.reset_password(account, NEW)
    await accounts.log_in("ada", NEW)
    assert (await refusal(accounts, "ada", PASSWORD)).code is Code.WRONG_CREDENTIALS


async def test_of_two_who_change_the_password_at_once_one_must_know_the_new_one(
    storage: InlineStorage,
) -> None:
    accounts = bare_accounts(storage)
    current = token_digest((await accounts.register("ada", PASSWORD)).token)
    changed, refused = [], []

    async def change(new: str, address: str) -> None:
        try:
            await accounts.change_password("ada", PASSWORD, new, current=current, address=address)
        except Refused as exc:
            refused.append(exc.code)
        else:
            changed.append(new)

    async with trio.open_nursery() as nursery:
        for number in range(3):  # from three addresses: those of one wait for each other
            nursery.start_soon(change, f"{NEW} {number}", f"192.0.2.{number}")

    assert refused == [Code.TOO_FAST] * 2
    await accounts.log_in("ada", changed[0])


# --- names


async def test_an_account_is_found_by_any_spelling_unless_it_was_deleted(
    storage: InlineStorage,
) -> None:
    accounts = bare_accounts(storage)
    ada = (await accounts.register("Ada", PASSWORD)).account
    assert await find_account(storage, "ａｄａ") == ada

    await accounts.delete("ada", PASSWORD, "")
    for name in ("ada", "ben"):
        with pytest.raises(Refused) as caught:
            await find_account(storage, name)
        assert caught.value.code is Code.UNKNOWN_ACCOUNT


async def test_a_taken_name_costs_neither_a_hash_nor_a_registration(
    storage: InlineStorage,
) -> None:
    await bare_accounts(storage).register("Ada", PASSWORD)
    hasher = CountingHasher()
    accounts = bare_accounts(storage, Passwords(hasher), registrations=1)
    hashed = hasher.hashed

    for _ in range(3):
        with pytest.raises(Refused, match="The name ada is taken"):
            await accounts.register("ada", PASSWORD, address="192.0.2.1")

    assert hasher.hashed == hashed
    await accounts.register("Ben", PASSWORD, address="192.0.2.1")


async def test_neither_a_unix_socket_nor_an_invitation_is_limited_like_an_address(
    storage: InlineStorage,
) -> None:
    def invite(store: Store) -> None:
        for code in codes:
            store.add_invite(code_digest(code), 0, 2**60)

    codes = ["one", "two", "three"]
    await storage.write(invite)
    local = bare_accounts(storage, registrations=1)
    invited = bare_accounts(storage, registration="invite", registrations=1)

    for number, code in enumerate(codes):
        await local.register(f"local{number}", PASSWORD)
        await invited.register(f"invited{number}", PASSWORD, code, "192.0.2.1")
