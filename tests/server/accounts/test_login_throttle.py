"""A few wrong passwords are free; then guessing takes for ever, and nobody else any longer."""

from contextlib import closing
from pathlib import Path

import apsw
import pytest
import trio

from chat_server.accounts import login_throttle as guesses_module
from chat_server.accounts.accounts import Accounts
from chat_server.accounts.login_throttle import BACK_OFF, LoginThrottle
from chat_server.config import Config, Registration
from chat_server.sessions.rate_limits import BackOff
from chat_server.store.threads import Storage, open_storage
from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from support.clock import Clock
from support.inline_storage import InlineStorage
from support.peer import PASSWORD, Peer, greeted
from support.running_server import WIDE, RunningServer, fast_passwords, running_server

_RULE = BackOff(free=5, first=2.0, longest=900.0, forget=86_400.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def _wrong() -> bool:
    return False


async def _right() -> bool:
    return True


async def _never() -> bool:
    raise AssertionError("it was not to be looked at")


async def _wait_of(throttle: LoginThrottle, *about: str) -> float:
    """Return how long a guess must wait that is made now."""
    with pytest.raises(Refused) as caught:
        await throttle.check(_never, *about)
    assert caught.value.code is Code.TOO_FAST
    assert caught.value.retry_after is not None
    return caught.value.retry_after


async def _spend(throttle: LoginThrottle, *about: str) -> None:
    for _ in range(BACK_OFF.free):
        assert not await throttle.check(_wrong, *about)


# --- the rule


def test_five_are_free_and_then_the_waits_double_up_to_a_quarter_of_an_hour() -> None:
    assert [_RULE.wait(mistakes, 0) for mistakes in range(6)] == [0, 0, 0, 0, 0, 2]
    assert [_RULE.wait(mistakes, 0) for mistakes in range(6, 16)] == [
        4, 8, 16, 32, 64, 128, 256, 512, 900, 900,
    ]  # fmt: skip
    assert _RULE.wait(10**9, 0) == 900


def test_time_that_has_passed_counts_and_time_that_ran_backwards_does_not() -> None:
    assert _RULE.wait(7, 5.5) == 2.5
    assert _RULE.wait(7, 8.0) == 0
    assert _RULE.wait(7, -1000.0) == 8


def test_a_day_later_it_is_over() -> None:
    assert not _RULE.is_over(86_399.9)
    assert _RULE.is_over(86_400.0)


def test_the_rule_in_use_is_the_one_that_is_written_down() -> None:
    assert _RULE == BACK_OFF


# --- guesses


async def test_wrong_ones_wait_longer_each_time_and_are_not_even_looked_at_before(
    storage: InlineStorage, clock: Clock
) -> None:
    throttle = LoginThrottle(storage, clock)
    await _spend(throttle, "ada")

    for wait in (2.0, 4.0, 8.0):
        assert await _wait_of(throttle, "ada") == wait
        clock.pass_by(wait - 0.5)
        assert await _wait_of(throttle, "ada") == 0.5
        clock.pass_by(0.5)
        assert not await throttle.check(_wrong, "ada")


async def test_to_be_refused_makes_nothing_worse(storage: InlineStorage, clock: Clock) -> None:
    throttle = LoginThrottle(storage, clock)
    await _spend(throttle, "ada")

    assert {await _wait_of(throttle, "ada") for _ in range(100)} == {2.0}


async def test_a_right_one_clears_the_wrong_ones(storage: InlineStorage, clock: Clock) -> None:
    throttle = LoginThrottle(storage, clock)
    await _spend(throttle, "ada")
    clock.pass_by(2)

    assert await throttle.check(_right, "ada")
    await _spend(throttle, "ada")
    assert await _wait_of(throttle, "ada") == 2.0


async def test_they_are_forgotten_after_a_day(storage: InlineStorage, clock: Clock) -> None:
    throttle = LoginThrottle(storage, clock)
    await _spend(throttle, "ada")
    clock.pass_by(BACK_OFF.forget)

    await _spend(throttle, "ada")
    assert await _wait_of(throttle, "ada") == 2.0


async def test_they_are_kept_over_a_restart(tmp_path: Path, clock: Clock) -> None:
    for free in (True, False):
        async with open_storage(tmp_path / "chat.db", "process") as storage:
            if free:
                await _spend(LoginThrottle(storage, clock), "ada")
            assert await _wait_of(LoginThrottle(storage, clock), "ada") == 2.0


async def test_who_else_guesses_and_at_what_else_is_counted_apart(
    storage: InlineStorage, clock: Clock
) -> None:
    throttle = LoginThrottle(storage, clock)
    await _spend(throttle, "account", "ada", "192.0.2.1")

    for other in (
        ("account", "ada", "192.0.2.2"),
        ("account", "ben", "192.0.2.1"),
        ("room", "ada", "192.0.2.1"),
        ("account", "ada', '192.0.2.1"),
    ):
        assert not await throttle.check(_wrong, *other)


async def test_a_thousand_at_the_same_time_are_as_good_as_five(
    storage: InlineStorage, clock: Clock
) -> None:
    throttle = LoginThrottle(storage, clock)
    looked_at = []
    go = trio.Event()

    async def slow() -> bool:
        looked_at.append(1)
        await go.wait()
        return False

    async def guess() -> None:
        try:
            await throttle.check(slow, "ada")
        except Refused:
            if len(looked_at) == BACK_OFF.free:
                go.set()

    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            for _ in range(1000):
                nursery.start_soon(guess)

    assert len(looked_at) == BACK_OFF.free


async def test_what_nobody_looked_at_does_not_count(storage: InlineStorage, clock: Clock) -> None:
    throttle = LoginThrottle(storage, clock)

    async def busy() -> bool:
        raise Refused(Code.TOO_FAST, "Too many wait.")

    for _ in range(100):
        with pytest.raises(Refused, match=r"Too many wait\."):
            await throttle.check(busy, "ada")
    await _spend(throttle, "ada")


def _kept(folder: Path) -> list[int]:
    """Return when the guesses were made that the database in `folder` keeps."""
    with closing(apsw.Connection(str(folder / "chat.db"))) as db:
        return [at for (at,) in db.execute("SELECT at FROM login_attempt ORDER BY at")]


async def test_the_table_is_bounded_and_the_oldest_go(
    disk_storage: Storage, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guesses_module, "MOST_KEPT", 10)
    monkeypatch.setattr(guesses_module, "_TIDY_EVERY", 5)
    throttle = LoginThrottle(disk_storage, clock)
    for number in range(41):
        clock.pass_by(1)
        await throttle.check(_wrong, str(number))

    assert _kept(tmp_path) == [clock.now - 1000 * age for age in range(9, -1, -1)]


async def test_those_that_are_over_do_not_stay(
    disk_storage: Storage, tmp_path: Path, clock: Clock
) -> None:
    await LoginThrottle(disk_storage, clock).check(_wrong, "ada")
    clock.pass_by(BACK_OFF.forget + 1)
    await LoginThrottle(disk_storage, clock).check(_wrong, "ben")

    assert _kept(tmp_path) == [clock.now]


# --- accounts


async def _try(accounts: Accounts, name: str, password: str, address: str) -> Code:
    with pytest.raises(Refused) as caught:
        await accounts.log_in(name, password, address)
    return caught.value.code


def _accounts(storage: Storage, clock: Clock, registration: Registration = "open") -> Accounts:
    return Accounts(storage, fast_passwords(), registration=registration, tokens=20, now=clock)


async def test_a_hundred_guesses_at_an_account_slow_their_address_and_nobody_elses(
    storage: InlineStorage, clock: Clock
) -> None:
    accounts = _accounts(storage, clock)
    await accounts.register("Ada", PASSWORD)

    codes = [await _try(accounts, "ada", f"wrong {n} wrong", "192.0.2.1") for n in range(100)]

    assert codes == [Code.WRONG_CREDENTIALS] * 5 + [Code.TOO_FAST] * 95
    assert await _try(accounts, "ADA", PASSWORD, "192.0.2.1") == Code.TOO_FAST
    assert (await accounts.log_in("ada", PASSWORD, "192.0.2.2")).account.name == "Ada"
    clock.pass_by(2)
    assert (await accounts.log_in("ada", PASSWORD, "192.0.2.1")).account.name == "Ada"


async def test_over_the_wire_too_it_is_the_address_that_is_slowed(server: RunningServer) -> None:
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


async def test_who_comes_over_the_unix_socket_is_slowed_per_account(
    storage: InlineStorage, clock: Clock
) -> None:
    accounts = _accounts(storage, clock)
    await accounts.register("ada", PASSWORD)
    await accounts.register("ben", PASSWORD)

    for _ in range(5):
        await _try(accounts, "ada", "wrong wrong", "")

    assert await _try(accounts, "ada", PASSWORD, "") == Code.TOO_FAST
    assert (await accounts.log_in("ben", PASSWORD, "")).account.name == "ben"


async def test_where_registration_is_closed_names_that_nobody_has_are_slowed_alike(
    storage: InlineStorage, clock: Clock
) -> None:
    await _accounts(storage, clock).register("ada", PASSWORD)
    accounts = _accounts(storage, clock, "closed")

    known = [await _try(accounts, "ada", "wrong wrong", "192.0.2.1") for _ in range(7)]
    unknown = [await _try(accounts, "nobody", "wrong wrong", "192.0.2.1") for _ in range(7)]

    assert known == unknown == [Code.WRONG_CREDENTIALS] * 5 + [Code.TOO_FAST] * 2


# --- rooms, from real addresses


async def _come_in(server: RunningServer, name: str, source: str) -> Peer:
    """Return `name`, connected from the address `source` of this machine."""
    address = await server.listen()
    port = int(address.rpartition(":")[2])
    stream = await trio.open_tcp_stream("127.0.0.1", port, local_address=source)
    peer = await greeted(stream)
    await peer.resume(await server.token(name))
    return peer


async def test_a_hundred_guesses_at_a_room_slow_no_member_and_no_other_address(
    storage: InlineStorage,
) -> None:
    async with running_server(storage, Config(limits=WIDE)) as server:
        ada = await server.enter("ada")
        password = await ada.create("kitchen")
        eve = await _come_in(server, "eve", "127.0.0.1")
        ben = await _come_in(server, "ben", "127.0.0.1")
        elsewhere = await _come_in(server, "eve", "127.0.0.2")

        def guess() -> m.Join:
            return m.Join("Kitchen", "0000-0000-0000", id=eve.number())

        codes = [await eve.code(guess()) for _ in range(100)]

        assert codes == [Code.WRONG_ROOM_OR_PASSWORD] * 5 + [Code.TOO_FAST] * 95
        refusal = await eve.refusal(m.Join("kitchen", password, id=eve.number()))
        assert refusal.code == Code.TOO_FAST
        assert refusal.retry_after is not None
        assert 0 < refusal.retry_after <= 2
        assert (await ben.join("kitchen", password)).room == "kitchen"
        assert (await elsewhere.join("kitchen", password)).room == "kitchen"
        assert (await eve.join("kitchen")).room == "kitchen"  # a member now, and asked for nothing
        await ada.post("soup?", "kitchen")
        for peer in (ben, eve, elsewhere):
            await peer.aclose()


async def test_rooms_that_are_not_there_are_slowed_alike(server: RunningServer) -> None:
    ada, eve = await server.enter("ada"), await server.enter("eve")
    await ada.create("kitchen")

    there, not_there = [
        [await eve.code(m.Join(room, "wrong", id=eve.number())) for _ in range(7)]
        for room in ("kitchen", "cellar")
    ]

    assert there == not_there == [Code.WRONG_ROOM_OR_PASSWORD] * 5 + [Code.TOO_FAST] * 2
