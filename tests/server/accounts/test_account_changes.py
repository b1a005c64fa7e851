"""Changing the password or deleting the account closes the other sessions."""

from collections.abc import Awaitable, Callable, Hashable

import pytest
import trio

from chat_server.accounts.accounts import Accounts
from chat_server.accounts.passwords import Passwords
from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from support.bare_accounts import bare_accounts
from support.inline_storage import InlineStorage
from support.peer import PASSWORD, Peer
from support.running_server import RunningServer, fast_passwords, running_server

_NEW = "battery staple correct"


async def _code_of_log_in(server: RunningServer, name: str, password: str) -> Code:
    peer = await server.connect()
    return await peer.code(m.Login(name, password, id=peer.number()))


async def _code_of_resume(server: RunningServer, token: str) -> Code:
    peer = await server.connect()
    return await peer.code(m.Resume(token, {}, id=peer.number()))


# --- the password


def _change(peer: Peer, old: str, new: str = _NEW) -> m.Password:
    return m.Password(old, new, id=peer.number())


async def test_a_new_password_replaces_the_old_one_and_closes_all_other_sessions(
    server: RunningServer,
) -> None:
    ada = await server.registered("ada")
    lost = await server.logged_in("ada")

    changed = await ada.grant(_change(ada, PASSWORD), m.Ok)

    assert await lost.expect(m.Bye) == m.Bye("the password was changed on another device")
    assert await _code_of_resume(server, lost.token) == Code.BAD_TOKEN
    assert await _code_of_log_in(server, "ada", PASSWORD) == Code.WRONG_CREDENTIALS
    await ada.ping()
    again = await server.connect()
    await again.resume(changed.token)
    await (await server.connect()).log_in("ada", _NEW)


async def test_without_the_old_password_nothing_changes(server: RunningServer) -> None:
    ada = await server.registered("ada")
    phone = await server.logged_in("ada")

    refusal = await ada.refusal(_change(ada, "wrong wrong"))

    assert (refusal.code, refusal.message) == (Code.WRONG_CREDENTIALS, "Wrong password.")
    await phone.ping()
    await server.logged_in("ada")


@pytest.mark.parametrize("new", ["short", "x" * 257, "with a \x07 bell"])
async def test_an_invalid_new_password_is_refused(server: RunningServer, new: str) -> None:
    ada = await server.registered("ada")

    assert await ada.code(_change(ada, PASSWORD, new)) == Code.WEAK_PASSWORD


async def test_attempts_at_the_old_password_are_throttled_like_log_ins(
    server: RunningServer,
) -> None:
    ada = await server.registered("ada")
    for _ in range(3):
        assert await ada.code(_change(ada, "wrong wrong")) == Code.WRONG_CREDENTIALS
    for _ in range(2):
        delete = m.DeleteAccount("wrong wrong", id=ada.number())
        assert await ada.code(delete) == Code.WRONG_CREDENTIALS

    assert await ada.code(_change(ada, PASSWORD)) == Code.TOO_FAST
    assert await ada.code(m.DeleteAccount(PASSWORD, id=ada.number())) == Code.TOO_FAST
    assert await _code_of_log_in(server, "ada", PASSWORD) == Code.TOO_FAST


class _SlowPasswords(Passwords):
    """Verifies, and then takes its time."""

    def __init__(self, fast: Passwords) -> None:
        self._fast = fast
        self.checked = trio.Event()
        self.go_on = trio.Event()

    async def verify_and_update(
        self, password: str, hashed: str, by: Hashable, typed: str = ""
    ) -> tuple[bool, str | None]:
        result = await self._fast.verify_and_update(password, hashed, by)
        self.checked.set()
        await self.go_on.wait()
        return result


async def _set_password(accounts: Accounts) -> None:
    ada = await accounts.log_in("ada", PASSWORD)
    await accounts.change_password("ada", PASSWORD, _NEW, current=ada.digest, address="")


async def _delete(accounts: Accounts) -> None:
    await accounts.delete("ada", PASSWORD, "")


@pytest.mark.parametrize("change", [_set_password, _delete])
async def test_a_log_in_during_the_change_gets_no_token_with_the_old_password(
    storage: InlineStorage, change: Callable[[Accounts], Awaitable[None]]
) -> None:
    slow = _SlowPasswords(fast_passwords())
    await bare_accounts(storage).register("ada", PASSWORD)
    refused: list[Code] = []

    async def log_in() -> None:
        with pytest.raises(Refused) as caught:
            await bare_accounts(storage, slow).log_in("ada", PASSWORD, "elsewhere")
        refused.append(caught.value.code)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(log_in)
        await slow.checked.wait()
        await change(bare_accounts(storage))
        slow.go_on.set()

    assert refused == [Code.TOO_FAST]


async def test_a_token_revoked_before_its_session_begins_begins_none(
    storage: InlineStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_server(storage) as server:
        ada = await server.registered("ada")
        log_in = server.services.accounts.log_in

        async def log_in_and_be_revoked(name: str, password: str, address: str = "") -> object:
            identity = await log_in(name, password, address)
            await ada.grant(m.Revoke(id=ada.number()), m.Ok)
            return identity

        monkeypatch.setattr(server.services.accounts, "log_in", log_in_and_be_revoked)
        assert await _code_of_log_in(server, "ada", PASSWORD) == Code.BAD_TOKEN


def _by_resuming(peer: Peer, token: str) -> m.Request:
    return m.Resume(token, {}, id=peer.number())


def _by_logging_in(peer: Peer, _: str) -> m.Request:
    return m.Login("ada", PASSWORD, id=peer.number())


@pytest.mark.parametrize("authenticate", [_by_resuming, _by_logging_in])
async def test_a_token_revoked_while_its_session_begins_closes_it(
    server: RunningServer,
    monkeypatch: pytest.MonkeyPatch,
    authenticate: Callable[[Peer, str], m.Request],
) -> None:
    ada = await server.registered("ada")
    token = (await server.logged_in("ada")).token
    confirm = server.services.accounts.check_token

    async def check_and_be_revoked(digest: bytes) -> object:
        account = await confirm(digest)
        await ada.grant(m.Revoke(id=ada.number()), m.Ok)
        return account

    monkeypatch.setattr(server.services.accounts, "check_token", check_and_be_revoked)
    late = await server.connect()
    await late.send(authenticate(late, token))

    assert (await late.receive_all())[-1] == m.Bye("this device was logged out")


# --- deleting the account


def _delete_account(peer: Peer, password: str = PASSWORD) -> m.DeleteAccount:
    return m.DeleteAccount(password, id=peer.number())


async def test_a_deleted_account_is_gone_from_every_device_and_room(server: RunningServer) -> None:
    ada, ben = await server.registered("ada"), await server.registered("ben")
    phone = await server.logged_in("ada")
    await ben.join("kitchen", await ada.create("kitchen"))

    await ada.grant(_delete_account(ada), m.Ok)

    for device in (ada, phone):
        assert await device.expect(m.Bye) == m.Bye("the account was deleted")
    assert {(await ben.expect(m.Left)).room for _ in range(2)} == {"general", "kitchen"}
    for room in ("general", "kitchen"):
        members = await ben.grant(m.Members(room, id=ben.number()), m.MemberPage)
        assert [member.name for member in members.members] == ["ben"]
    assert await _code_of_resume(server, phone.token) == Code.BAD_TOKEN
    assert await _code_of_log_in(server, "ada", PASSWORD) == Code.WRONG_CREDENTIALS


async def test_its_messages_stay_and_so_do_the_rooms_it_created(server: RunningServer) -> None:
    ada, ben = await server.registered("ada"), await server.registered("ben")
    password = await ada.create("kitchen")
    await ada.post("there was soup", "kitchen")

    await ada.grant(_delete_account(ada), m.Ok)

    await ben.join("kitchen", password)
    [line] = (await ben.history("kitchen")).messages
    assert (line.author, line.text) == ("ada", "there was soup")


@pytest.mark.parametrize("name", ["ada", "ADA", "ａｄａ"])
async def test_nobody_can_take_its_name(server: RunningServer, name: str) -> None:
    ada = await server.registered("Ada")
    await ada.grant(_delete_account(ada), m.Ok)

    eve = await server.connect()
    assert await eve.code(m.Register(name, PASSWORD, id=eve.number())) == Code.NAME_TAKEN


async def test_its_rooms_go_to_their_oldest_members(
    server: RunningServer,
) -> None:
    ada, ben = await server.registered("ada"), await server.registered("ben")
    password = await ada.create("kitchen")
    await ben.join("kitchen", password)

    await ada.grant(_delete_account(ada), m.Ok)

    assert (await ben.join("kitchen")).owner == "ben"


async def test_without_the_password_nothing_is_deleted(server: RunningServer) -> None:
    ada = await server.registered("ada")

    refusal = await ada.refusal(_delete_account(ada, "wrong wrong"))

    assert (refusal.code, refusal.message) == (Code.WRONG_CREDENTIALS, "Wrong password.")
    await ada.ping()
    await server.logged_in("ada")


@pytest.mark.parametrize(
    "request_",
    [m.Sessions(id=1), m.Revoke(id=1), m.Password(PASSWORD, _NEW, id=1), m.DeleteAccount("", id=1)],
    ids=lambda request: type(request).__name__,
)
async def test_all_of_this_requires_a_log_in(server: RunningServer, request_: m.Request) -> None:
    stranger = await server.connect()

    assert await stranger.code(request_) == Code.NOT_LOGGED_IN
