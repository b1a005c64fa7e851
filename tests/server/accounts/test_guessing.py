"""Guessing at accounts and rooms slows down the guesser, and nobody else."""

import pytest
import trio

from chat_server.accounts import accounts as accounts_module
from chat_server.accounts.accounts import Accounts
from chat_server.accounts.codes import code_digest
from chat_server.config import Config, Registration
from chat_server.store.threads import Storage
from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from support.bare_accounts import bare_accounts
from support.clock import Clock
from support.inline_storage import InlineStorage
from support.peer import PASSWORD, Peer, greeted
from support.running_server import WIDE, RunningServer, running_server

# --- accounts


async def _log_in(accounts: Accounts, name: str, password: str, address: str) -> Code:
    with pytest.raises(Refused) as caught:
        await accounts.log_in(name, password, address)
    return caught.value.code


def _accounts(storage: Storage, clock: Clock, registration: Registration = "open") -> Accounts:
    return bare_accounts(storage, registration=registration, clock=clock)


async def test_a_hundred_attempts_at_an_account_slow_down_their_address_and_nobody_else(
    storage: InlineStorage, clock: Clock
) -> None:
    accounts = _accounts(storage, clock)
    await accounts.register("Ada", PASSWORD)

    codes = [await _log_in(accounts, "ada", f"wrong {n} wrong", "192.0.2.1") for n in range(100)]

    assert codes == [Code.WRONG_CREDENTIALS] * 5 + [Code.TOO_FAST] * 95
    assert await _log_in(accounts, "ADA", PASSWORD, "192.0.2.1") == Code.TOO_FAST
    assert (await accounts.log_in("ada", PASSWORD, "192.0.2.2")).account.name == "Ada"
    clock.pass_by(2)
    assert (await accounts.log_in("ada", PASSWORD, "192.0.2.1")).account.name == "Ada"


async def test_a_hundred_invitation_codes_slow_down_their_address_and_nobody_else(
    storage: InlineStorage, clock: Clock
) -> None:
    accounts = _accounts(storage, clock, "invite")
    await storage.write(lambda store: store.add_invite(code_digest("k7qm-2vxh-9rtd"), 0, 2**60))

    async def code_of_refusal(invite: str, address: str = "192.0.2.1") -> Code:
        with pytest.raises(Refused) as caught:
            await accounts.register("mia", PASSWORD, invite, address)
        return caught.value.code

    codes = [await code_of_refusal(f"code-{n}") for n in range(100)]

    assert codes == [Code.REGISTRATION_CLOSED] * 5 + [Code.TOO_FAST] * 95
    assert await code_of_refusal("k7qm-2vxh-9rtd") == Code.TOO_FAST
    assert await code_of_refusal("") == Code.REGISTRATION_CLOSED  # which is no guess
    assert await code_of_refusal("code", "192.0.2.2") == Code.REGISTRATION_CLOSED
    clock.pass_by(2)
    registered = await accounts.register("mia", PASSWORD, "k7qm-2vxh-9rtd", "192.0.2.1")
    assert registered.account.name == "mia"


async def test_while_an_address_must_wait_its_passwords_are_not_even_prepared(
    storage: InlineStorage, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = _accounts(storage, clock)
    await accounts.register("Ada", PASSWORD)
    for _ in range(5):
        await _log_in(accounts, "ada", "wrong wrong", "192.0.2.1")
    prepared: list[str] = []
    monkeypatch.setattr(accounts_module, "prepare_password", prepared.append)

    assert await _log_in(accounts, "ada", PASSWORD, "192.0.2.1") == Code.TOO_FAST
    assert prepared == []


async def test_over_the_wire_too_it_is_the_address_that_is_slowed_down(
    server: RunningServer,
) -> None:
    await (await server.connect()).register("ada")
    port = int((await server.listen()).rpartition(":")[2])

    async def codes(source: str) -> list[Code]:
        stream = await trio.open_tcp_stream("127.0.0.1", port, local_address=source)
        async with stream:
            eve = await greeted(stream)
            return [
                await eve.code(m.Login("ada", "wrong wrong", id=eve.number())) for _ in range(6)
            ]

    assert await codes("127.0.0.1") == [Code.WRONG_CREDENTIALS] * 5 + [Code.TOO_FAST]
    assert await codes("127.0.0.2") == [Code.WRONG_CREDENTIALS] * 5 + [Code.TOO_FAST]


async def test_over_a_unix_socket_it_is_the_account_that_is_slowed_down(
    storage: InlineStorage, clock: Clock
) -> None:
    accounts = _accounts(storage, clock)
    await accounts.register("ada", PASSWORD)
    await accounts.register("ben", PASSWORD)

    for _ in range(5):
        await _log_in(accounts, "ada", "wrong wrong", "")

    assert await _log_in(accounts, "ada", PASSWORD, "") == Code.TOO_FAST
    assert (await accounts.log_in("ben", PASSWORD, "")).account.name == "ben"


async def test_with_closed_registration_unknown_names_are_slowed_down_alike(
    storage: InlineStorage, clock: Clock
) -> None:
    await _accounts(storage, clock).register("ada", PASSWORD)
    accounts = _accounts(storage, clock, "closed")

    known = [await _log_in(accounts, "ada", "wrong wrong", "192.0.2.1") for _ in range(7)]
    unknown = [await _log_in(accounts, "nobody", "wrong wrong", "192.0.2.1") for _ in range(7)]

    assert known == unknown == [Code.WRONG_CREDENTIALS] * 5 + [Code.TOO_FAST] * 2


# --- rooms, from real addresses


async def _connect_from(server: RunningServer, name: str, source: str) -> Peer:
    """Return `name`, connected from the address `source` of this machine."""
    address = await server.listen()
    port = int(address.rpartition(":")[2])
    stream = await trio.open_tcp_stream("127.0.0.1", port, local_address=source)
    peer = await greeted(stream)
    await peer.resume(await server.token(name))
    return peer


async def test_a_hundred_attempts_at_a_room_slow_down_no_member_and_no_other_address(
    storage: InlineStorage,
) -> None:
    async with running_server(storage, Config(limits=WIDE)) as server:
        ada = await server.log_in("ada")
        password = await ada.create("kitchen")
        eve = await _connect_from(server, "eve", "127.0.0.1")
        ben = await _connect_from(server, "ben", "127.0.0.1")
        elsewhere = await _connect_from(server, "eve", "127.0.0.2")

        def attempt() -> m.Join:
            return m.Join("Kitchen", "0000-0000-0000", id=eve.number())

        codes = [await eve.code(attempt()) for _ in range(100)]

        assert codes == [Code.WRONG_ROOM_OR_PASSWORD] * 5 + [Code.TOO_FAST] * 95
        refusal = await eve.refusal(m.Join("kitchen", password, id=eve.number()))
        assert refusal.code == Code.TOO_FAST
        assert refusal.retry_after is not None
        assert 0 < refusal.retry_after <= 2
        assert (await ben.join("kitchen", password)).room == "kitchen"
        assert (await elsewhere.join("kitchen", password)).room == "kitchen"
        assert (
            await eve.join("kitchen")
        ).room == "kitchen"  # a member now, and asked for no password
        await ada.post("soup?", "kitchen")
        for peer in (ben, eve, elsewhere):
            await peer.aclose()


async def test_rooms_that_do_not_exist_are_slowed_down_alike(server: RunningServer) -> None:
    ada, eve = await server.log_in("ada"), await server.log_in("eve")
    await ada.create("kitchen")

    there, not_there = [
        [await eve.code(m.Join(room, "wrong", id=eve.number())) for _ in range(7)]
        for room in ("kitchen", "cellar")
    ]

    assert there == not_there == [Code.WRONG_ROOM_OR_PASSWORD] * 5 + [Code.TOO_FAST] * 2
