"""The sessions of an account: listed and revoked; password changes, deletion, invitations."""

from collections.abc import Callable
from typing import TypeVar

import pytest
import trio
from trio.testing import MockClock

from chat_server.accounts.sessions import AccountSessions
from chat_server.clock import rfc3339
from chat_server.store.api import Store
from chat_server.store.threads import Storage
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_CLIENT
from support.inline_storage import InlineStorage
from support.peer import PASSWORD, Peer
from support.running_server import RunningServer
from support.store_faults import FaultyStorage

T = TypeVar("T")


async def _sessions(peer: Peer) -> list[m.SessionInfo]:
    return (await peer.grant(m.Sessions(id=peer.number()), m.SessionList)).sessions


async def _current(peer: Peer) -> str:
    [session] = [info.session for info in await _sessions(peer) if info.current]
    return session


async def _code_of_resume(server: RunningServer, token: str) -> Code:
    peer = await server.connect()
    return await peer.code(m.Resume(token, {}, id=peer.number()))


# --- listed and revoked


async def test_every_log_in_is_listed_and_the_one_that_asks_is_marked(
    server: RunningServer,
) -> None:
    ada = await server.registered("ada")
    phone = await server.logged_in("ada")
    await server.registered("ben")

    here, there = await _sessions(ada), await _sessions(phone)

    assert len(here) == 2
    assert [info.current for info in here] == [not info.current for info in there]
    assert {info.session for info in here} == {info.session for info in there}


async def test_the_name_of_a_session_cannot_be_used_to_log_in(server: RunningServer) -> None:
    ada = await server.registered("ada")

    assert await _code_of_resume(server, await _current(ada)) == Code.BAD_TOKEN
    assert await _current(ada) not in ada.token


async def test_a_revoked_session_is_closed_and_stays_out_and_the_others_go_on(
    server: RunningServer,
) -> None:
    ada = await server.registered("ada")
    lost, phone = await server.logged_in("ada"), await server.logged_in("ada")

    await ada.grant(m.Revoke(await _current(lost), id=ada.number()), m.Ok)

    assert await lost.expect(m.Bye) == m.Bye("this device was logged out")
    assert await _code_of_resume(server, lost.token) == Code.BAD_TOKEN
    assert len(await _sessions(phone)) == 2


async def test_revoking_the_current_session_logs_out(server: RunningServer) -> None:
    ada = await server.registered("ada")

    await ada.grant(m.Revoke(await _current(ada), id=ada.number()), m.Ok)

    await ada.expect(m.Bye)
    assert await _code_of_resume(server, ada.token) == Code.BAD_TOKEN


async def test_all_other_sessions_can_be_revoked_at_once(server: RunningServer) -> None:
    ada = await server.registered("ada")
    others = [await server.logged_in("ada") for _ in range(3)]

    await ada.grant(m.Revoke(id=ada.number()), m.Ok)

    for other in others:
        await other.expect(m.Bye)
    assert [info.current for info in await _sessions(ada)] == [True]


@pytest.mark.parametrize("name", ["0000000000", "nonsense", "e4415d09aa" * 100])
async def test_a_session_that_does_not_exist_cannot_be_revoked(
    server: RunningServer, name: str
) -> None:
    ada = await server.registered("ada")

    assert await ada.code(m.Revoke(name, id=ada.number())) == Code.FORBIDDEN


async def test_nobody_can_revoke_sessions_of_another_account(server: RunningServer) -> None:
    ada, eve = await server.registered("ada"), await server.registered("eve")

    assert await eve.code(m.Revoke(await _current(ada), id=eve.number())) == Code.FORBIDDEN
    await eve.grant(m.Revoke(id=eve.number()), m.Ok)
    await ada.ping()


async def test_the_last_use_of_a_session_is_known(storage: InlineStorage) -> None:
    times = iter([1000, 2000, 3000])
    sessions = AccountSessions(storage, lambda: next(times))
    account = await storage.write(lambda store: store.add_account("ada", "ada", "", 0))
    await storage.write(lambda store: store.add_token(b"old", account.id, 10, 20))
    await storage.write(lambda store: store.add_token(b"new", account.id, 20, 20))

    sessions.record_use(b"old")
    before = await sessions.list_sessions(account.id, b"new")
    sessions.close()
    await sessions.run()

    assert await sessions.list_sessions(account.id, b"new") == before
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


async def test_devices_are_listed_by_what_they_call_themselves(
    server: RunningServer, storage: InlineStorage
) -> None:
    ada = await server.connect()
    await ada.grant(m.Register("ada", PASSWORD, client="chat-tui 1.0 on Linux", id=1), m.Welcome)
    phone = await server.connect()
    await phone.grant(m.Login("ada", PASSWORD, client="\x1b[2J phone ", id=2), m.Welcome)
    assert [info.client for info in await _sessions(ada)] == ["␛[2J phone", "chat-tui 1.0 on Linux"]

    again = await server.connect()
    token = await server.token("ada")
    await again.grant(m.Resume(token, {}, client="x" * MAX_CLIENT, id=3), m.Welcome)
    assert (await _sessions(again))[0].client == "x" * MAX_CLIENT
    too_long = m.Resume(token, {}, client="x" * (MAX_CLIENT + 1), id=4)
    assert await (await server.connect()).code(too_long) == Code.BAD_REQUEST
    silent = await server.connect()
    await silent.resume(token)
    assert (await _sessions(silent))[0].client == ""  # what the last use said


async def test_the_client_and_address_of_the_last_use_are_stored(storage: InlineStorage) -> None:
    sessions = AccountSessions(storage, lambda: 1000)
    account = await storage.write(lambda store: store.add_account("ada", "ada", "", 0))
    await storage.write(lambda store: store.add_token(b"token", account.id, 10, 20))

    sessions.record_use(b"token", "chat-tui 1.0 on Linux", "192.0.2.7")
    sessions.close()
    await sessions.run()

    again = AccountSessions(storage, lambda: 0)
    [info] = await again.list_sessions(account.id, b"")
    assert (info.client, info.address) == ("chat-tui 1.0 on Linux", "192.0.2.7")


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
    for number in range(1000):
        sessions.record_use(str(number).encode())
    sessions.close()
    await sessions.run()

    assert writes == 1


async def test_a_full_disk_keeps_nobody_from_resuming(faults: FaultyStorage) -> None:
    sessions = AccountSessions(faults, lambda: 7)
    with faults.full_disk():
        sessions.record_use(b"one")
        sessions.close()
        await sessions.run()

    assert faults.writes == 1


async def test_uses_during_the_last_write_are_stored_at_the_end(
    faults: FaultyStorage, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    times = iter([1000, 2000])
    sessions = AccountSessions(faults, lambda: next(times))
    account = await faults.write(lambda store: store.add_account("ada", "ada", "", 0))
    await faults.write(lambda store: store.add_token(b"token", account.id, 10, 20))
    nursery.start_soon(sessions.run)

    with faults.answers_held() as gate:
        sessions.record_use(b"token")
        await gate.wait_reached()
        sessions.record_use(b"token")
        sessions.close()
    await trio.sleep(1)

    [token] = await faults.read(lambda store: store.tokens(account.id))
    assert token.used.at == 2000
