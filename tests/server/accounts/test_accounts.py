"""Accounts: authenticated by password or token, neither of which can be read from the disk."""

import sqlite3
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from chat_server.accounts.accounts import Accounts
from chat_server.config import Config
from chat_server.services import build_services
from chat_server.store.threads import Storage
from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from support.bare_accounts import bare_accounts
from support.inline_storage import InlineStorage
from support.peer import PASSWORD, Peer
from support.running_server import RunningServer, fast_passwords, running_server
from support.store_faults import FaultyStorage
from support.streams import lockstep_pair


async def _accounts(storage: Storage, config: Config | None = None) -> Accounts:
    return (await build_services(config or Config(), storage, fast_passwords())).accounts


async def _code(accounts: Accounts, name: str, password: str = PASSWORD) -> Code:
    with pytest.raises(Refused) as caught:
        await accounts.log_in(name, password)
    return caught.value.code


@pytest.fixture
async def closed_server(storage: InlineStorage) -> AsyncGenerator[RunningServer]:
    """A server with one account, Ada's, and closed registration."""
    await (await _accounts(storage)).register("Ada", PASSWORD)
    async with running_server(storage, Config(registration="closed")) as server:
        yield server


# --- registering


async def test_a_new_account_is_logged_in_and_keeps_its_spelling(server: RunningServer) -> None:
    ada = await server.connect()
    welcome = await ada.register("Ada")

    assert welcome.account == "Ada"
    assert [(room.room, room.last_seq) for room in welcome.rooms] == [("general", 0)]
    assert (await ada.expect(m.Entered)) == m.Entered("general", "Ada")


async def test_a_new_account_is_announced_to_everybody(server: RunningServer) -> None:
    ben = await server.log_in("Ben")
    await (await server.connect()).register("Ada")

    assert await ben.receive() == m.Entered("general", "Ada")


@pytest.mark.parametrize("name", ["Ada", "ada", "ADA", "ａｄａ"])
async def test_a_name_is_taken_in_every_spelling(server: RunningServer, name: str) -> None:
    await (await server.connect()).register("Ada")
    other = await server.connect()

    assert await other.code(m.Register(name, PASSWORD, id=1)) is Code.NAME_TAKEN
    await other.register("Ben")


async def test_of_two_who_register_a_name_at_the_same_time_one_gets_it(
    server: RunningServer,
) -> None:
    peers = [await server.connect() for _ in range(5)]
    replies: list[m.Reply] = []

    async def register(peer: Peer) -> None:
        replies.append(await peer.ask(m.Register("Ada", PASSWORD, id=1)))

    async with trio.open_nursery() as nursery:
        for peer in peers:
            nursery.start_soon(register, peer)

    codes = sorted(getattr(reply, "code", "welcome") for reply in replies)
    assert codes == ["name_taken"] * 4 + ["welcome"]


@pytest.mark.parametrize("name", ["", " ", "a b", "x" * 33, "-ada", "a\0b", "a\nb", "♞"])
async def test_an_invalid_name_is_refused(server: RunningServer, name: str) -> None:
    peer = await server.connect()

    assert await peer.code(m.Register(name, PASSWORD, id=1)) is Code.BAD_NAME


@pytest.mark.parametrize("password", ["", "seven77", "x" * 257, "password\0", "pass\nword"])
async def test_an_invalid_password_is_refused(server: RunningServer, password: str) -> None:
    peer = await server.connect()

    assert await peer.code(m.Register("Ada", password, id=1)) is Code.WEAK_PASSWORD


async def test_where_registration_is_closed_nobody_learns_which_names_exist(
    closed_server: RunningServer,
) -> None:
    peer = await closed_server.connect()

    assert await peer.code(m.Register("Ada", PASSWORD, id=1)) is Code.REGISTRATION_CLOSED
    assert await peer.code(m.Register("Ben", PASSWORD, id=2)) is Code.REGISTRATION_CLOSED
    assert await peer.code(m.Login("Ben", PASSWORD, id=3)) is Code.WRONG_CREDENTIALS
    assert await peer.code(m.Login("Ada", "wrong horse", id=4)) is Code.WRONG_CREDENTIALS
    await peer.log_in("Ada")


# --- logging in


@pytest.mark.parametrize("name", ["Ada", "ada", "ＡＤＡ"])
async def test_log_in_works_in_every_spelling_and_is_answered_in_the_first(
    server: RunningServer, name: str
) -> None:
    await (await server.connect()).register("Ada")

    assert (await (await server.connect()).log_in(name)).account == "Ada"


async def test_a_wrong_password_is_refused_and_the_right_one_works_after_it(
    server: RunningServer,
) -> None:
    await (await server.connect()).register("Ada")
    peer = await server.connect()

    for number, wrong in enumerate(["", "wrong horse", PASSWORD.upper(), PASSWORD + " "], 1):
        assert await peer.code(m.Login("Ada", wrong, id=number)) is Code.WRONG_CREDENTIALS
    await peer.log_in("Ada")


@pytest.mark.parametrize("wrong", ["\0", "x" * 60_000, "pass\nword"])
async def test_an_invalid_password_is_a_wrong_one(server: RunningServer, wrong: str) -> None:
    await (await server.connect()).register("Ada")
    peer = await server.connect()

    assert await peer.code(m.Login("Ada", wrong, id=1)) is Code.WRONG_CREDENTIALS


async def test_an_unknown_name_is_revealed_where_registration_is_open(
    server: RunningServer,
) -> None:
    peer = await server.connect()

    assert await peer.code(m.Login("Ada", PASSWORD, id=1)) is Code.UNKNOWN_ACCOUNT
    assert await peer.code(m.Login("a b\0", PASSWORD, id=2)) is Code.UNKNOWN_ACCOUNT


async def test_an_account_without_a_password_cannot_log_in(server: RunningServer) -> None:
    await server.token("Ada")
    peer = await server.connect()

    assert await peer.code(m.Login("Ada", "", id=1)) is Code.WRONG_CREDENTIALS


# --- resuming


async def test_a_token_resumes_and_stays_the_same(server: RunningServer) -> None:
    first = await server.connect()
    token = (await first.register("Ada")).token
    await first.aclose()

    welcome = await (await server.connect()).resume(token)
    assert (welcome.account, welcome.token) == ("Ada", token)


async def test_every_log_in_has_its_own_token(server: RunningServer) -> None:
    tokens = {(await (await server.connect()).register("Ada")).token}
    tokens |= {(await (await server.connect()).log_in("Ada")).token for _ in range(3)}

    assert len(tokens) == 4
    assert all(len(token) == 43 for token in tokens)  # 32 bytes


async def test_an_unknown_token_is_refused(server: RunningServer) -> None:
    peer = await server.connect()

    assert await peer.code(m.Resume("nonsense", {}, id=1)) is Code.BAD_TOKEN


async def test_logging_out_revokes_the_token_and_closes_its_sessions(
    server: RunningServer,
) -> None:
    token = await server.token("Ada")
    devices = [await server.connect() for _ in range(2)]
    for device in devices:
        await device.resume(token)
    other = await server.log_in("Ada")

    await devices[0].send(m.Logout(id=9))

    assert await devices[0].receive_all() == [m.Ok(re=9), m.Bye("you logged out")]
    assert await devices[1].receive_all() == [m.Bye("you logged out")]
    await other.ping()
    assert await (await server.connect()).code(m.Resume(token, {}, id=1)) is Code.BAD_TOKEN


async def test_the_oldest_device_is_logged_out_by_one_too_many(storage: InlineStorage) -> None:
    config = Config()
    async with running_server(storage, config) as server:
        first = await server.connect()
        token = (await first.register("Ada")).token
        for _ in range(config.limits.sessions_per_account - 1):
            await (await server.connect()).log_in("Ada")
        await first.ping()

        await (await server.connect()).log_in("Ada")

        bye = (await first.receive_all())[-1]
        assert isinstance(bye, m.Bye)
        assert "too many devices" in bye.reason
        assert await (await server.connect()).code(m.Resume(token, {}, id=1)) is Code.BAD_TOKEN


# --- on disk


async def test_nothing_stored_can_be_used_to_log_in(disk_storage: Storage, tmp_path: Path) -> None:
    identity = await (await _accounts(disk_storage)).register("Ada", PASSWORD)

    with sqlite3.connect(tmp_path / "chat.db") as db:
        rows = db.execute("SELECT * FROM account, token").fetchall()
    db.close()
    kept = repr(rows)
    assert "$argon2id$" in kept
    assert PASSWORD not in kept
    assert identity.token not in kept
    assert repr(identity.digest) in kept


async def test_a_failing_disk_is_reported_and_nobody_is_half_logged_in(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    await (await faulty_server.connect()).register("Ada")
    peer = await faulty_server.connect(lockstep_pair)

    with faults.full_disk():
        refusal = await peer.refusal(m.Login("Ada", PASSWORD, id=1))
        assert refusal.code == Code.INTERNAL
        assert refusal.retry_after == 5.0
    with faults.failing_reads():
        assert await peer.code(m.Login("Ada", PASSWORD, id=2)) is Code.INTERNAL
    await peer.log_in("Ada")


# --- how many are registered


async def test_from_an_address_a_class_can_register_at_once_and_then_one_a_minute(
    storage: InlineStorage, autojump_clock: MockClock
) -> None:
    accounts = bare_accounts(storage, registrations=3)
    for name in ("Ada", "Ben", "Cleo"):
        await accounts.register(name, PASSWORD, address="192.0.2.1")
    with pytest.raises(Refused, match="Too many accounts have been registered") as caught:
        await accounts.register("Dag", PASSWORD, address="192.0.2.1")

    assert (caught.value.code, caught.value.retry_after) == (Code.TOO_FAST, 60)
    await accounts.register("Dag", PASSWORD, address="192.0.2.2")
    await accounts.register("Eli", PASSWORD)  # over a Unix socket
    await trio.sleep(60)
    await accounts.register("Fay", PASSWORD, address="192.0.2.1")


async def test_a_name_that_is_refused_is_no_registration(storage: InlineStorage) -> None:
    accounts = bare_accounts(storage, registrations=1)
    for name, password in (("no name", PASSWORD), ("Ada", "short")):
        with pytest.raises(Refused):
            await accounts.register(name, password, address="192.0.2.1")

    await accounts.register("Ada", PASSWORD, address="192.0.2.1")
