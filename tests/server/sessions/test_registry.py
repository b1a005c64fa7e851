"""The registry counts sessions, and refuses those beyond its limits."""

from contextlib import ExitStack

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from chat_server.net.outbox import Outbox
from chat_server.sessions.rate_limits import (
    GUEST_REQUESTS,
    GUEST_REQUESTS_PER_SECOND,
    Rates,
)
from chat_server.sessions.registry import TOO_MANY_DEVICES, SessionRegistry, loaded_account
from chat_server.sessions.session import Account, Session
from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.proxy_header import Origin
from support.streams import ScriptedTransport


@pytest.fixture
def registry() -> SessionRegistry:
    return SessionRegistry(
        most=5, most_per_address=2, most_per_account=2, rates=Rates(3, 1.0, 4, 2.0)
    )


class Connections:
    """Makes sessions, and connects them to a registry until the test ends."""

    def __init__(self, registry: SessionRegistry, nursery: trio.Nursery) -> None:
        self._registry = registry
        self._nursery = nursery
        self.stack = ExitStack()

    def make(self, address: str = "") -> Session:
        session = Session(
            Origin(address),
            encode=m.encode,
            encode_all=m.encode_all,
        )
        session.outbox = Outbox(ScriptedTransport(), self._nursery, session.disconnect)
        return session

    def connect(self, address: str = "") -> Session:
        session = self.make(address)
        self.stack.enter_context(self._registry.connected(session))
        return session


@pytest.fixture
async def connections(registry: SessionRegistry, nursery: trio.Nursery) -> Connections:
    return Connections(registry, nursery)


def _refusal(connections: Connections, address: str = "") -> Refused:
    with pytest.raises(Refused) as caught:
        connections.connect(address)
    return caught.value


async def test_sessions_are_counted_while_they_last(
    registry: SessionRegistry, connections: Connections
) -> None:
    connections.connect()
    connections.connect("192.0.2.1")
    assert len(registry) == 2

    connections.stack.close()
    assert len(registry) == 0


async def test_a_full_server_refuses_sessions_until_one_ends(
    registry: SessionRegistry, connections: Connections
) -> None:
    for _ in range(5):
        connections.connect()

    assert _refusal(connections).code is Code.SERVER_FULL
    connections.stack.close()
    connections.connect()


async def test_one_address_cannot_take_all_the_places(connections: Connections) -> None:
    for _ in range(2):
        connections.connect("192.0.2.1")

    refused = _refusal(connections, "192.0.2.1")
    assert refused.code is Code.SERVER_FULL
    assert refused.message == (
        "Too many connections from your address. Close other clients or try again later."
    )
    connections.connect("192.0.2.2")


async def test_an_address_gets_its_places_back(
    registry: SessionRegistry, connections: Connections
) -> None:
    for _ in range(3):
        for _ in range(2):
            connections.connect("192.0.2.1")
        connections.stack.close()

    assert len(registry) == 0


async def test_an_address_is_forgotten_once_nobody_is_connected_from_it_and_it_may_send_a_burst(
    registry: SessionRegistry, connections: Connections, autojump_clock: MockClock
) -> None:
    session = connections.connect("192.0.2.1")
    session.charge(session.requests)
    connections.stack.close()
    assert len(registry._strangers) == 1

    await trio.sleep(1)
    connections.connect("192.0.2.2")

    assert list(registry._addresses) == ["192.0.2.2"]
    assert len(registry._strangers) == 0


async def test_unix_sockets_share_no_address(connections: Connections) -> None:
    for _ in range(5):
        connections.connect("")


async def test_a_refused_session_takes_no_place(
    registry: SessionRegistry, connections: Connections
) -> None:
    for _ in range(2):
        connections.connect("192.0.2.1")
    for _ in range(3):
        _refusal(connections, "192.0.2.1")

    assert len(registry) == 2


async def test_devices_of_one_account_count_as_one(
    registry: SessionRegistry, connections: Connections
) -> None:
    first, second = connections.connect(), connections.connect()

    account = registry.attach(first, 7, "Ada")
    assert registry.attach(second, 7, "Ada") is account
    assert account.sessions == [first, second]
    assert registry.is_online(7)
    assert not registry.is_online(8)


async def test_an_account_is_online_until_its_last_device_disconnects(
    registry: SessionRegistry, nursery: trio.Nursery
) -> None:
    first, second = Connections(registry, nursery), Connections(registry, nursery)
    registry.attach(first.connect(), 7, "Ada")
    registry.attach(second.connect(), 7, "Ada")

    first.stack.close()
    assert registry.is_online(7)
    second.stack.close()
    assert not registry.is_online(7)


async def test_a_new_device_replaces_the_oldest(
    registry: SessionRegistry, connections: Connections
) -> None:
    sessions = [connections.connect() for _ in range(3)]
    for session in sessions:
        registry.attach(session, 7, "Ada")

    assert [session.scope.cancel_called for session in sessions] == [True, False, False]
    assert sessions[0].close_reason == TOO_MANY_DEVICES


async def test_devices_that_are_disconnecting_do_not_count(
    registry: SessionRegistry, connections: Connections
) -> None:
    sessions = [connections.connect() for _ in range(5)]
    for session in sessions:
        registry.attach(session, 7, "Ada")

    assert [session.scope.cancel_called for session in sessions] == [True, True, True, False, False]


async def test_a_session_whose_log_in_failed_has_no_account(
    registry: SessionRegistry, connections: Connections
) -> None:
    session = connections.connect()
    registry.attach(session, 7, "Ada")

    registry.detach(session)

    assert session.account is None
    assert not registry.is_online(7)
    connections.stack.close()


async def test_an_account_that_is_just_loaded_is_waited_for_even_by_a_task_that_is_cancelled(
    registry: SessionRegistry, connections: Connections
) -> None:
    account = registry.attach(connections.connect(), 7, "Ada")
    found = list[Account | None]()

    async def look_up() -> None:
        found.append(await loaded_account(registry, 7))

    async with trio.open_nursery() as nursery, account.load_lock:
        nursery.start_soon(look_up)
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
        with trio.CancelScope(shield=True):
            await wait_all_tasks_blocked()
        assert not found

    assert found == [account]
    assert await loaded_account(registry, 8) is None


async def test_a_revoked_token_disconnects_its_sessions(
    registry: SessionRegistry, connections: Connections
) -> None:
    sessions = [connections.connect() for _ in range(4)]
    for session, digest in zip(sessions, (b"a", b"b", b"a"), strict=False):  # one is not logged in
        session.digest = digest

    registry.disconnect_tokens([], "nobody")
    registry.disconnect_tokens([b"a", b"c"], "logged out")

    reasons = [session.close_reason for session in sessions]
    assert reasons == ["logged out", "", "logged out", ""]


async def test_disconnect_all_closes_every_session_and_refuses_new_ones(
    registry: SessionRegistry, connections: Connections
) -> None:
    sessions = [connections.connect() for _ in range(3)]

    registry.disconnect_all("the end")

    assert all(session.close_reason == "the end" for session in sessions)
    assert _refusal(connections).code is Code.SHUTTING_DOWN


async def test_it_is_counted_for_which_reasons_sessions_end(
    registry: SessionRegistry, connections: Connections
) -> None:
    for reason in ("logged out", "too slow", "too slow"):
        connections.connect().disconnect(reason)
    connections.connect()
    assert not registry.disconnects

    connections.stack.close()

    assert registry.disconnects == {"logged out": 1, "too slow": 2, "": 1}


# --- what sessions are charged to


async def test_an_address_has_one_allowance_however_often_it_connects(
    registry: SessionRegistry, connections: Connections, autojump_clock: MockClock
) -> None:
    first, second = connections.connect("192.0.2.1"), connections.connect("192.0.2.1")
    assert [session.charge(session.requests) for session in (first, second) * 2] == [0.0] * 4
    connections.stack.close()
    again, other = connections.connect("192.0.2.1"), connections.connect("192.0.2.2")

    assert again.charge(again.requests) == 0.5
    assert other.charge(other.requests) == 0.0


async def test_sessions_of_unix_sockets_have_an_allowance_each(connections: Connections) -> None:
    sessions = [connections.connect("") for _ in range(2)]

    assert [s.charge(s.requests) for _ in range(4) for s in sessions] == [0.0] * 8


async def test_as_many_as_may_connect_from_an_address_can_log_in_at_once(
    nursery: trio.Nursery,
) -> None:
    registry = SessionRegistry(
        most=50, most_per_address=30, most_per_account=1, rates=Rates(3, 1.0, 4, 2.0)
    )
    connections = Connections(registry, nursery)
    sessions = [connections.connect("192.0.2.1") for _ in range(30)]

    assert [session.charge(session.requests) for session in sessions] == [0.0] * 30
    connections.stack.close()


async def test_an_account_has_one_allowance_and_is_charged_for_its_log_ins(
    registry: SessionRegistry, connections: Connections, autojump_clock: MockClock
) -> None:
    phone, laptop = connections.connect("192.0.2.1"), connections.connect("192.0.2.2")
    for session in (phone, laptop):
        registry.attach(session, 7, "Ada")
    assert [s.charge(s.posts) for s in (phone, laptop, phone)] == [0.0] * 3
    connections.stack.close()
    phone = connections.connect("192.0.2.3")
    registry.attach(phone, 7, "Ada")

    assert phone.charge(phone.posts) == 1.0
    assert [phone.charge(phone.requests) for _ in range(2)] == [0.0, 0.5]


async def test_those_who_do_not_wait_are_read_later_than_those_who_do(
    connections: Connections, autojump_clock: MockClock
) -> None:
    session = connections.connect("192.0.2.1")
    for _ in range(4):
        session.charge(session.requests)
    assert session.pause == 0.0

    pauses = []
    for _ in range(41):
        assert session.charge(session.requests) == 0.5
        pauses.append(session.pause)
    assert pauses == [0.5] * 20 + [1.0] * 20 + [1.5]
    assert session.ignored == 41


@pytest.mark.parametrize(("ignored", "pause", "ahead"), [(20, 0.5, 1), (21, 1.0, 0)])
async def test_those_who_do_not_wait_lose_their_place_in_line(
    connections: Connections, autojump_clock: MockClock, ignored: int, pause: float, ahead: int
) -> None:
    session, newcomer = connections.connect("192.0.2.1"), connections.connect("192.0.2.1")
    for _ in range(4 + ignored):
        session.charge(session.requests)
    start = trio.current_time()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(session.wait_turn)
        await wait_all_tasks_blocked()
        assert newcomer.charge(newcomer.requests) == 0.5 * (1 + ahead)

    assert trio.current_time() - start == pause


async def test_who_stood_in_line_is_served_before_others_once(
    connections: Connections, autojump_clock: MockClock
) -> None:
    session = connections.connect("192.0.2.1")
    for _ in range(5):
        session.charge(session.requests)
    await session.wait_turn()

    with session.requests.in_line():  # somebody else by now
        assert session.charge(session.requests) == 0.0
        await trio.sleep(0.5)
        assert session.charge(session.requests) == 0.5


async def test_a_program_that_posts_by_a_hook_pauses_only_for_a_moment_and_in_no_line(
    registry: SessionRegistry, connections: Connections, autojump_clock: MockClock
) -> None:
    program, another = connections.connect(), connections.connect()
    for session in (program, another):
        registry.attach(session, 7, "builds (hook)", hook=True)
    while not (wait := program.charge(program.posts)):
        pass
    start = trio.current_time()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(program.wait_turn)
        await wait_all_tasks_blocked()
        assert another.charge(another.posts) == wait

    assert trio.current_time() - start == pytest.approx(0.1)


async def test_a_guest_may_send_less_until_the_account_is_kept(
    connections: Connections, mock_clock: MockClock
) -> None:
    wide = Rates(1_000, 1_000.0, 1_000, 1_000.0)
    registry = SessionRegistry(most=5, most_per_address=2, most_per_account=2, rates=wide)
    session = connections.make()
    with registry.connected(session):
        account = registry.attach(session, 7, "guest-mia", guest_until=1)
        for _ in range(int(GUEST_REQUESTS) - 1):  # the log-in was the first
            assert not session.charge(session.requests)
        assert session.charge(session.requests)
        mock_clock.jump(1)
        for _ in range(int(GUEST_REQUESTS_PER_SECOND)):
            assert not session.charge(session.requests)
        assert session.charge(session.requests)

        registry.keep(account)

        assert not any(session.charge(session.requests) for _ in range(900))
    assert not registry.find(7)


async def test_a_guest_who_reconnects_may_send_no_more(
    connections: Connections, registry: SessionRegistry
) -> None:
    session = connections.make()
    with registry.connected(session):
        registry.attach(session, 7, "guest-mia", guest_until=1)
        while not session.charge(session.posts):
            pass
    again = connections.make()
    with registry.connected(again):
        registry.attach(again, 7, "guest-mia", guest_until=1)
        assert again.charge(again.posts)
