"""Invitations to register: one account each, stored as a digest."""

from pathlib import Path

import pytest
import trio

from chat_server.accounts.accounts import Accounts
from chat_server.accounts.codes import code_digest
from chat_server.config import Config
from chat_server.store.sqlite.storage import open_storage
from chat_server.store.threads import Storage
from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from support.bare_accounts import bare_accounts
from support.clock import Clock
from support.inline_storage import InlineStorage
from support.peer import PASSWORD
from support.running_server import running_server


async def _invite(storage: Storage, code: str, expires: int = 2**60) -> None:
    await storage.write(lambda store: store.add_invite(code_digest(code), 0, expires))


@pytest.fixture
async def invited(storage: InlineStorage) -> Accounts:
    """Accounts of a server where registration is by invitation, at the time 1000."""
    return bare_accounts(storage, registration="invite", clock=Clock(1000))


async def _is_refused(accounts: Accounts, name: str, invite: str) -> None:
    with pytest.raises(Refused, match="needs an invitation code") as caught:
        await accounts.register(name, PASSWORD, invite)
    assert caught.value.code is Code.REGISTRATION_CLOSED


async def test_an_invitation_admits_one_account_however_it_was_typed(
    storage: InlineStorage, invited: Accounts
) -> None:
    await _invite(storage, "k7qm-2vxh-9rtd")

    assert (await invited.register("ada", PASSWORD, " K7QM-2vxh-9rtd\n")).account.name == "ada"
    await _is_refused(invited, "ben", "k7qm-2vxh-9rtd")


async def test_without_a_valid_invitation_nobody_learns_which_names_exist(
    storage: InlineStorage, invited: Accounts
) -> None:
    await _invite(storage, "k7qm-2vxh-9rtd")
    await _invite(storage, "late-late-late", expires=1000)
    await invited.register("ada", PASSWORD, "k7qm-2vxh-9rtd")

    for name in ("ada", "ben", "not a name"):
        for invite in ("", "never-ever-made", "late-late-late"):
            await _is_refused(invited, name, invite)


async def test_a_taken_name_does_not_use_it_up(storage: InlineStorage, invited: Accounts) -> None:
    await _invite(storage, "one")
    await _invite(storage, "two")
    await invited.register("ada", PASSWORD, "one")

    with pytest.raises(Refused, match="taken"):
        await invited.register("ada", PASSWORD, "two")
    await invited.register("ben", PASSWORD, "two")


async def test_of_two_who_use_it_at_the_same_time_one_registers(
    storage: InlineStorage, invited: Accounts
) -> None:
    await _invite(storage, "one")
    outcomes: list[str] = []

    async def register(name: str) -> None:
        try:
            outcomes.append((await invited.register(name, PASSWORD, "one")).account.name)
        except Refused as refused:
            outcomes.append(refused.code)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(register, "ada")
        nursery.start_soon(register, "ben")

    assert Code.REGISTRATION_CLOSED in outcomes
    assert len({"ada", "ben"} & set(outcomes)) == 1


async def test_an_invitation_is_stored_as_a_digest(tmp_path: Path) -> None:
    async with open_storage(tmp_path / "chat.db", "process") as storage:
        await _invite(storage, "k7qm-2vxh-9rtd")
    assert b"k7qm" not in (tmp_path / "chat.db").read_bytes()


async def test_over_the_wire_an_invitation_allows_one_registration(storage: InlineStorage) -> None:
    await _invite(storage, "k7qm-2vxh-9rtd")
    async with running_server(storage, Config(registration="invite")) as server:
        ada = await server.connect()
        assert (
            await ada.code(m.Register("ada", PASSWORD, id=ada.number())) == Code.REGISTRATION_CLOSED
        )
        request = m.Register("ada", PASSWORD, "k7qm-2vxh-9rtd", id=ada.number())
        assert (await ada.grant(request, m.Welcome)).account == "ada"
