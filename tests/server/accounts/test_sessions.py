"""The sessions of an account: listed and revoked; password changes, deletion, invitations."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
import trio

from chat_server.accounts.accounts import Accounts
from chat_server.accounts.codes import code_digest
from chat_server.accounts.passwords import Passwords
from chat_server.accounts.sessions import AccountSessions
from chat_server.clock import rfc3339
from chat_server.config import Config
from chat_server.store.api import Store, StoreError
from chat_server.store.threads import Storage, open_storage
from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from support.inline_storage import InlineStorage
from support.peer import PASSWORD, Peer
from support.running_server import RunningServer, fast_passwords, running_server

T = TypeVar("T")

_NEW = "battery staple correct"


async def _registered(server: RunningServer, name: str) -> Peer:
    peer = await server.connect()
    await peer.register(name)
    return peer


async def _logged_in(server: RunningServer, name: str) -> Peer:
    peer = await server.connect()
    await peer.log_in(name)
    return peer


async def _sessions(peer: Peer) -> list[m.SessionInfo]:
    return (await peer.grant(m.Sessions(id=peer.number()), m.SessionList)).sessions


async def _current(peer: Peer) -> str:
    [session] = [info.session for info in await _sessions(peer) if info.current]
    return session


async def _code_of_log_in(server: RunningServer, name: str, password: str) -> Code:
    peer = await server.connect()
    return await peer.code(m.Login(name, password, id=peer.number()))


async def _code_of_resume(server: RunningServer, token: str) -> Code:
    peer = await server.connect()
    return await peer.code(m.Resume(token, {}, id=peer.number()))


# --- listed and revoked


async def test_every_log_in_is_listed_and_the_one_that_asks_is_marked(
    server: RunningServer,
) -> None:
    ada = await _registered(server, "ada")
    phone = await _logged_in(server, "ada")
    await _registered(server, "ben")

    here, there = await _sessions(ada), await _sessions(phone)

    assert len(here) == 2
    assert [info.current for info in here] == [not info.current for info in there]
    assert {info.session for info in here} == {info.session for info in there}


async def test_the_name_of_a_session_cannot_be_used_to_log_in(server: RunningServer) -> None:
    ada = await _registered(server, "ada")

    assert await _code_of_resume(server, await _current(ada)) == Code.BAD_TOKEN
    assert await _current(ada) not in ada.token


async def test_a_revoked_session_is_closed_and_stays_out_and_the_others_go_on(
    server: RunningServer,
) -> None:
    ada = await _registered(server, "ada")
    lost, phone = await _logged_in(server, "ada"), await _logged_in(server, "ada")

    await ada.grant(m.Revoke(await _current(lost), id=ada.number()), m.Ok)

    assert await lost.expect(m.Bye) == m.Bye("this device was logged out")
    assert await _code_of_resume(server, lost.token) == Code.BAD_TOKEN
    assert len(await _sessions(phone)) == 2


async def test_revoking_ones_own_session_logs_out(server: RunningServer) -> None:
    ada = await _registered(server, "ada")

    await ada.grant(m.Revoke(await _current(ada), id=ada.number()), m.Ok)

    await ada.expect(m.Bye)
    assert await _code_of_resume(server, ada.token) == Code.BAD_TOKEN


async def test_all_other_sessions_can_be_revoked_at_once(server: RunningServer) -> None:
    ada = await _registered(server, "ada")
    others = [await _logged_in(server, "ada") for _ in range(3)]

    await ada.grant(m.Revoke(id=ada.number()), m.Ok)

    for other in others:
        await other.expect(m.Bye)
    assert [info.current for info in await _sessions(ada)] == [True]


@pytest.mark.parametrize("name", ["0000000000", "nonsense", "e4415d09aa" * 100])
async def test_a_session_that_does_not_exist_cannot_be_revoked(
    server: RunningServer, name: str
) -> None:
    ada = await _registered(server, "ada")

    assert await ada.code(m.Revoke(name, id=ada.number())) == Code.FORBIDDEN


async def test_nobody_can_revoke_sessions_of_another_account(server: RunningServer) -> None:
    ada, eve = await _registered(server, "ada"), await _registered(server, "eve")

    assert await eve.code(m.Revoke(await _current(ada), id=eve.number())) == Code.FORBIDDEN
    await eve.grant(m.Revoke(id=eve.number()), m.Ok)
    await ada.ping()


async def test_the_last_use_of_a_session_is_known(storage: InlineStorage) -> None:
    times = iter([1000, 2000, 3000])
    sessions = AccountSessions(storage, lambda: next(times))
    account = await storage.write(lambda store: store.add_account("ada", "ada", "", 0))
    await storage.write(lambda store: store.add_token(b"old", account.id, 10, 20))
    await storage.write(lambda store: store.add_token(b"new", account.id, 20, 20))

    await sessions.record_use(b"old")

    assert [
        (info.created, info.seen) for info in await sessions.list_sessions(account.id, b"new")
    ] == [
        (rfc3339(20), rfc3339(20)),
        (rfc3339(10), rfc3339(1000)),
    ]


async def test_resuming_is_a_use(server: RunningServer) -> None:
    ada = await server.log_in("ada")  # by a token that was made in 1970
    [session] = await _sessions(ada)

    assert session.created == rfc3339(0)
    assert session.seen > session.created


async def test_a_thousand_who_resume_at_once_cost_a_few_writes(storage: InlineStorage) -> None:
    writes = 0

    class Counting(Storage):
        def __init__(self) -> None:
            pass

        async def write(self, transaction: Callable[[Store], T]) -> T:
            nonlocal writes
            writes += 1
            return await storage.write(transaction)

    sessions = AccountSessions(Counting(), lambda: 7)
    async with trio.open_nursery() as nursery:
        for number in range(1000):
            nursery.start_soon(sessions.record_use, str(number).encode())

    assert writes < 10


async def test_a_full_disk_keeps_nobody_from_resuming(storage: InlineStorage) -> None:
    class Full(Storage):
        def __init__(self) -> None:
            pass

        async def write(self, transaction: Callable[[Store], T]) -> T:
            raise StoreError("set_seen: database or disk is full")

    sessions = AccountSessions(Full(), lambda: 7)
    await sessions.record_use(b"one")
    await sessions.record_use(b"one")


# --- the password


def _change(peer: Peer, old: str, new: str = _NEW) -> m.Password:
    return m.Password(old, new, id=peer.number())


async def test_a_new_password_replaces_the_old_one_and_closes_all_other_sessions(
    server: RunningServer,
) -> None:
    ada = await _registered(server, "ada")
    lost = await _logged_in(server, "ada")

    await ada.grant(_change(ada, PASSWORD), m.Ok)

    assert await lost.expect(m.Bye) == m.Bye("the password was changed on another device")
    assert await _code_of_resume(server, lost.token) == Code.BAD_TOKEN
    assert await _code_of_log_in(server, "ada", PASSWORD) == Code.WRONG_CREDENTIALS
    await ada.ping()
    again = await server.connect()
    await again.resume(ada.token)
    await (await server.connect()).log_in("ada", _NEW)


async def test_without_the_old_password_nothing_changes(server: RunningServer) -> None:
    ada = await _registered(server, "ada")
    phone = await _logged_in(server, "ada")

    assert await ada.code(_change(ada, "wrong wrong")) == Code.WRONG_CREDENTIALS

    await phone.ping()
    await _logged_in(server, "ada")


@pytest.mark.parametrize("new", ["short", "x" * 257, "with a \x07 bell"])
async def test_an_invalid_new_password_is_refused(server: RunningServer, new: str) -> None:
    ada = await _registered(server, "ada")

    assert await ada.code(_change(ada, PASSWORD, new)) == Code.WEAK_PASSWORD


async def test_attempts_at_the_old_password_are_throttled_like_log_ins(
    server: RunningServer,
) -> None:
    ada = await _registered(server, "ada")
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

    async def verify_and_update(self, password: str, kept: str) -> tuple[bool, str | None]:
        result = await self._fast.verify_and_update(password, kept)
        self.checked.set()
        await self.go_on.wait()
        return result


async def _set_password(accounts: Accounts) -> None:
    await accounts.change_password("ada", PASSWORD, _NEW, keep=b"", address="")


async def _delete(accounts: Accounts) -> None:
    await accounts.delete("ada", PASSWORD, "")


@pytest.mark.parametrize("change", [_set_password, _delete])
async def test_a_log_in_during_the_change_gets_no_token_with_the_old_password(
    storage: InlineStorage, change: Callable[[Accounts], Awaitable[None]]
) -> None:
    def accounts(passwords: Passwords) -> Accounts:
        return Accounts(storage, passwords, registration="open", tokens=20, now=lambda: 0)

    slow = _SlowPasswords(fast_passwords())
    await accounts(fast_passwords()).register("ada", PASSWORD)
    refused: list[Code] = []

    async def log_in() -> None:
        with pytest.raises(Refused) as caught:
            await accounts(slow).log_in("ada", PASSWORD, "elsewhere")
        refused.append(caught.value.code)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(log_in)
        await slow.checked.wait()
        await change(accounts(fast_passwords()))
        slow.go_on.set()

    assert refused == [Code.TOO_FAST]


async def test_a_token_revoked_before_its_session_begins_begins_none(
    storage: InlineStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_server(storage) as server:
        ada = await _registered(server, "ada")
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


@pytest.mark.parametrize("come_in", [_by_resuming, _by_logging_in])
async def test_a_token_revoked_while_its_session_begins_closes_it(
    server: RunningServer,
    monkeypatch: pytest.MonkeyPatch,
    come_in: Callable[[Peer, str], m.Request],
) -> None:
    ada = await _registered(server, "ada")
    token = (await _logged_in(server, "ada")).token
    confirm = server.services.accounts.check_token

    async def check_and_be_revoked(digest: bytes) -> object:
        account = await confirm(digest)
        await ada.grant(m.Revoke(id=ada.number()), m.Ok)
        return account

    monkeypatch.setattr(server.services.accounts, "check_token", check_and_be_revoked)
    late = await server.connect()
    await late.send(come_in(late, token))

    assert (await late.receive_all())[-1] == m.Bye("this device was logged out")


# --- deleting the account


def _delete_account(peer: Peer, password: str = PASSWORD) -> m.DeleteAccount:
    return m.DeleteAccount(password, id=peer.number())


async def test_a_deleted_account_is_gone_from_every_device_and_room(server: RunningServer) -> None:
    ada, ben = await _registered(server, "ada"), await _registered(server, "ben")
    phone = await _logged_in(server, "ada")
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
    ada, ben = await _registered(server, "ada"), await _registered(server, "ben")
    password = await ada.create("kitchen")
    await ada.post("there was soup", "kitchen")

    await ada.grant(_delete_account(ada), m.Ok)

    await ben.join("kitchen", password)
    [line] = (await ben.history("kitchen")).messages
    assert (line.author, line.text) == ("ada", "there was soup")


@pytest.mark.parametrize("name", ["ada", "ADA", "ａｄａ"])
async def test_nobody_can_take_its_name(server: RunningServer, name: str) -> None:
    ada = await _registered(server, "Ada")
    await ada.grant(_delete_account(ada), m.Ok)

    eve = await server.connect()
    assert await eve.code(m.Register(name, PASSWORD, id=eve.number())) == Code.NAME_TAKEN


async def test_its_rooms_go_to_their_oldest_members(
    server: RunningServer,
) -> None:
    ada, ben = await _registered(server, "ada"), await _registered(server, "ben")
    password = await ada.create("kitchen")
    await ben.join("kitchen", password)

    await ada.grant(_delete_account(ada), m.Ok)

    assert (await ben.join("kitchen")).owner == "ben"


async def test_without_the_password_nothing_is_deleted(server: RunningServer) -> None:
    ada = await _registered(server, "ada")

    assert await ada.code(_delete_account(ada, "wrong wrong")) == Code.WRONG_CREDENTIALS
    await ada.ping()
    await _logged_in(server, "ada")


@pytest.mark.parametrize(
    "request_",
    [m.Sessions(id=1), m.Revoke(id=1), m.Password(PASSWORD, _NEW, id=1), m.DeleteAccount("", id=1)],
    ids=lambda request: type(request).__name__,
)
async def test_all_of_this_requires_a_log_in(server: RunningServer, request_: m.Request) -> None:
    stranger = await server.connect()

    assert await stranger.code(request_) == Code.NOT_LOGGED_IN


# --- invitations


async def _invite(storage: Storage, code: str, expires: int = 2**60) -> None:
    await storage.write(lambda store: store.add_invite(code_digest(code), 0, expires))


@pytest.fixture
async def invited(storage: InlineStorage) -> Accounts:
    """Accounts of a server where registration is by invitation, at the time 1000."""
    return Accounts(storage, fast_passwords(), registration="invite", tokens=20, now=lambda: 1000)


async def _is_refused(accounts: Accounts, name: str, invite: str) -> None:
    with pytest.raises(Refused, match="need an invitation") as caught:
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
    came: list[str] = []

    async def register(name: str) -> None:
        try:
            came.append((await invited.register(name, PASSWORD, "one")).account.name)
        except Refused as refused:
            came.append(refused.code)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(register, "ada")
        nursery.start_soon(register, "ben")

    assert Code.REGISTRATION_CLOSED in came
    assert len({"ada", "ben"} & set(came)) == 1


async def test_an_invitation_is_stored_as_a_digest(tmp_path: Path) -> None:
    async with open_storage(tmp_path / "chat.db", "process") as storage:
        await _invite(storage, "k7qm-2vxh-9rtd")
    assert b"k7qm" not in (tmp_path / "chat.db").read_bytes()


async def test_over_the_wire_an_invitation_allows_one_to_register(storage: InlineStorage) -> None:
    await _invite(storage, "k7qm-2vxh-9rtd")
    async with running_server(storage, Config(registration="invite")) as server:
        ada = await server.connect()
        assert (
            await ada.code(m.Register("ada", PASSWORD, id=ada.number())) == Code.REGISTRATION_CLOSED
        )
        request = m.Register("ada", PASSWORD, "k7qm-2vxh-9rtd", id=ada.number())
        assert (await ada.grant(request, m.Welcome)).account == "ada"
